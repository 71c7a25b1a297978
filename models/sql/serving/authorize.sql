-- The statement to run instead of the client's: the same text when it may run; one that only raises the error that
-- says why not; or null, which quack answers with "Authorization failed". An INSERT must get null: quack checks the
-- rows a client sends with a made-up INSERT text and takes any text in answer as a yes.
create macro guard.main.authorize(session, query) as (
    with
    given as materialized (
        select
            query::varchar as text,
            -- Measured before parsing: long text is slow to parse, and unclosed comments take quadratic time.
            case
                when length(text) > 50000 then 'a statement may have at most 50000 characters'
                when contains(text, chr(0)) then 'a statement may not contain the character NUL'
                when length(text) - length(replace(text, '/*', '*')) > 200
                    then 'a statement may have at most 200 comments'
            end as unreadable
    ),
    parsed as materialized (
        select
            text,
            unreadable,
            -- It knows SELECT and what becomes one (VALUES, DESCRIBE, SUMMARIZE, SHOW); all else is its error.
            -- It is given a harmless text instead of an unreadable one, so that no reordering can feed it that.
            json_serialize_sql(case when unreadable is null then text else 'select 1' end) as tree
        from given
    ),
    named as (
        select
            text,
            unreadable,
            tree,
            lower(tree::varchar) as lowered,
            -- Quotes within a client's literals and names are escaped in the tree: this finds its own keys only.
            regexp_extract_all(
                lowered,
                '"(?:function_name|table_name|schema_name|schema|catalog_name|catalog)":"(?:[^"\\]|\\.)+"'
            ) as names,
            tree->>'$..function.function_name' as table_functions,
            list_transform(tree->>'$..cte_map.map[*].key', lambda n: lower(n)) as ctes
        from parsed
    ),
    judged as (
        select
            text,
            case
                when text is null or tree is null then 'there is no statement'
                when unreadable is not null then unreadable
                when tree->>'error_type' = 'not implemented'
                    then 'the store is read-only: only SELECT statements are allowed'
                when tree->>'error' is distinct from 'false'
                    then coalesce(tree->>'error_message', 'the statement cannot be read')
                when json_array_length(tree, '$.statements') is distinct from 1
                    then 'exactly one statement is allowed at a time'
                when named.names is null or named.table_functions is null or ctes is null
                    then 'the statement cannot be read'
                -- Turning text into a variant recurses as deep as the text is nested, like the functions left out.
                when regexp_matches(lowered, '"(?:id|name)":"variant"') then 'the type VARIANT is not allowed'
            end as unparsed,
            list_filter(
                named.names,
                lambda n: (
                    list_contains(allowed.names, n)
                    or list_contains(ctes, json_extract_string('{' || n || '}', '$.table_name'))
                ) is not true
            )[1] as name,
            list_filter(
                named.table_functions, lambda n: list_contains(allowed.table_functions, lower(n)) is not true
            )[1] as table_function,
            -- A name of its own must not stand for a file or a hidden relation where its definition does not reach.
            list_filter(
                ctes, lambda n: list_contains(allowed.hidden, n) or regexp_matches(n, '[./\\:*?~%]')
            )[1] as cte
        from named, guard.main.allowed
    ),
    answered as (
        select
            text,
            coalesce(
                unparsed,
                regexp_replace(name, '^"([a-z]+)(_name)?":', '\1 ') || ' is not served',
                'function "' || table_function || '" is not allowed in FROM',
                'the name "' || cte || '" is taken, choose another for the common table expression'
            ) as refusal
        from judged
    )
    select case
        when refusal is null then text
        when not regexp_matches(text, '^\s*insert', 'i')
            then 'select error(''refused: ' || replace(left(refusal, 500), '''', '''''') || ''')'
    end
    from answered
);
