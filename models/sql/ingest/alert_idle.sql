-- One row per agent at work at an instant of one of the sites, with what was done in the last 30 minutes. {instant}: a literal.
select
    site, agent_id, state = 'available' as idle,
    recent_busy_ms + recent_wrapping_up_ms as loaded_ms,
    recent_available_ms + recent_busy_ms + recent_wrapping_up_ms as present_ms
from agents_at({instant})
where state in ('available', 'busy', 'wrap_up') and list_contains($sites::varchar[], site);
