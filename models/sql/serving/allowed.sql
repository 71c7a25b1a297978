-- One row: the names a client's statement may use. Bound: the store's database name.
create table guard.main.allowed as
with
functions as (
    select
        lower(function_name) as name,
        function_type,
        internal,
        coalesce(has_side_effects, false) or coalesce(stability = 'VOLATILE', false) as volatile
    from duckdb_functions()
    where internal or (database_name = $store and schema_name = 'main')
),
relations as (
    select lower(view_name) as name, internal, schema_name
    from duckdb_views()
    where internal or (database_name = $store and schema_name = 'main')
    union all
    select lower(table_name), internal, schema_name
    from duckdb_tables()
    where database_name = $store and schema_name = 'main'
),
shown as (
    select
        name,
        not internal
        or schema_name = 'information_schema'
        -- Settings name secrets, logs and prepared statements show what others ask, databases show paths.
        or (schema_name = 'pg_catalog' and name not in ('pg_settings', 'pg_prepared_statements'))
        or name in (
            'duckdb_columns', 'duckdb_constraints', 'duckdb_indexes', 'duckdb_schemas', 'duckdb_tables',
            'duckdb_types', 'duckdb_views', 'sqlite_master', 'sqlite_schema'
        ) as served
    from relations
),
scalars as (
    select name
    from functions
    where function_type in ('scalar', 'aggregate', 'macro')
        -- Side effects: sequences, sleep, the random seed, log entries. What is new and volatile stays out too.
        and (not volatile or name in ('error', 'gen_random_uuid', 'random', 'uuid', 'uuidv4', 'uuidv7'))
        and not starts_with(name, 'quack_')
        -- Compression, aggregate states, geometry and variants trust their input more than a client deserves.
        and not starts_with(name, '__internal')
        and not starts_with(name, 'st_')
        and not starts_with(name, 'variant_')
        and name not in ('combine', 'finalize')
        -- These recurse as deep as their text is nested, and text can be built to any depth: a crash. The last one
        -- survives but takes minutes.
        and name not in (
            'from_json', 'from_json_strict', 'json_contains', 'json_group_structure', 'json_merge_patch',
            'json_structure', 'json_transform', 'json_transform_strict', 'json_pretty'
        )
        -- Settings, variables and the environment hold secrets; the rest read, plan or run unchecked SQL or wait.
        and name not in (
            'current_setting', 'getenv', 'getvariable', 'get_block_size', 'json_deserialize_sql',
            'json_execute_serialized_sql', 'json_serialize_plan', 'json_serialize_sql',
            'parse_duckdb_log_message', 'pg_sleep', 'sleep_ms', 'sql_auto_complete', 'which_secret'
        )
),
tables as (
    -- Not json_tree: the paths it lists grow with the square of the nesting, beyond the memory limit.
    select name
    from functions
    where name in (
            'duckdb_columns', 'duckdb_constraints', 'duckdb_functions', 'duckdb_indexes', 'duckdb_keywords',
            'duckdb_schemas', 'duckdb_tables', 'duckdb_types', 'duckdb_views', 'generate_series',
            'icu_calendar_names', 'json_each', 'pg_timezone_names', 'range', 'repeat',
            'test_all_types', 'unnest'
        )
        or (function_type = 'table_macro' and not internal)
),
names as (
    select 'function_name' as key, name from scalars
    union all
    select 'function_name', name from tables
    union all
    -- DESCRIBE and SUMMARIZE name no table; SHOW TABLES and SHOW ALL TABLES name these.
    select 'table_name', unnest(['"tables"', '__show_tables_expanded'])
    union all
    select 'table_name', name from shown where served
    union all
    select unnest(['schema_name', 'schema']), name
    from (select unnest(['main', 'information_schema', 'pg_catalog', lower($store)]) as name)
    union all
    select unnest(['catalog_name', 'catalog']), name from (select unnest(['system', lower($store)]) as name)
)
select
    -- As they stand in a serialised statement: "function_name":"abs".
    (select list(distinct '"' || key || '":' || to_json(name)) from names) as names,
    (select list(distinct name) from tables) as table_functions,
    (select list(distinct name) from shown where not served) as hidden;
