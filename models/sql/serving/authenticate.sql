-- True when the client's token is one of those served. Only their hashes are known here.
create macro guard.main.authenticate(session, client_token, server_token) as
    sha256(client_token::varchar) in (select hash from guard.main.token);
