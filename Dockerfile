# One file for every image of docker-compose.yml: `backstop` (ingest and dashboard) and `proxy` (profile tls).
FROM python:3.11.15-slim-bookworm AS base

# Build: uv installs what pyproject.toml pins, without the development tools, into one folder.
FROM base AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/backstop \
    UV_PYTHON=/usr/local/bin/python3.11 \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
# The dependencies alone first, so that a change of code does not install them again.
COPY pyproject.toml ./
RUN uv sync --no-dev --no-install-project
COPY README.md LICENSE ./
COPY models/ models/
COPY ingest/ ingest/
COPY dashboard/ dashboard/
RUN uv sync --no-dev --no-editable

# TLS in front. The configuration is made part of the image because compose refuses inline `configs` in a
# read-only container. The copy of the binary drops its file capability, which could not be granted under
# cap_drop, and the ports are high, so that no capability is needed.
FROM caddy:2.11.4-alpine AS proxy
RUN cp /usr/bin/caddy /usr/local/bin/caddy \
    && chown -R 1000:1000 /data /config
COPY <<"EOF" /etc/caddy/Caddyfile
{
	admin off
	persist_config off
	http_port 8080
	https_port 8443
	servers {
		protocols h1 h2
	}
}

(certificate) {
	tls {$PROXY_TLS:internal}
}

{$PROXY_DOMAIN:localhost} {
	import certificate
	header Strict-Transport-Security "max-age=31536000"
	reverse_proxy dashboard:8501
}

# The store for analysts elsewhere: attach 'quack:DOMAIN:9443'.
{$PROXY_DOMAIN:localhost}:9443 {
	import certificate
	reverse_proxy ingest:9494 {
		flush_interval -1
	}
}

# For the health check only.
http://127.0.0.1:2020 {
	bind 127.0.0.1
	respond 200
}
EOF
USER 1000:1000
CMD ["/usr/local/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

# Run: no compiler, no uv, no root.
FROM base AS backstop
RUN groupadd --gid 10001 backstop \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin backstop \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/backstop
COPY --from=build /opt/backstop /opt/backstop
ENV PATH=/opt/backstop/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BACKSTOP_DATA_DIR=/var/lib/backstop
# A backstop.toml put on the data volume is read from here.
WORKDIR /var/lib/backstop
USER 10001:10001
EXPOSE 8501 9494
CMD ["backstop", "--help"]
