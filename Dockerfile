# harvester without privileges: a user of its own, no compiler, a read-only system.
# docs/guides/docker.md explains how to run it, compose.yaml runs it with the browser.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE settings.toml requirements.lock ./
COPY harvester harvester
COPY spiders spiders
RUN python -m venv /opt/harvester \
 && /opt/harvester/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/harvester/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
COPY --from=build /opt/harvester /opt/harvester
# A named volume for /archive belongs to this user; a folder of the host must be given to it.
RUN useradd --system --uid 10001 --user-group --home-dir /archive harvester \
 && install -d -o harvester -g harvester -m 0700 /archive
ENV PATH="/opt/harvester/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /archive
VOLUME /archive
STOPSIGNAL SIGTERM
# Unhealthy if something has been due for an hour and nothing was fetched.
HEALTHCHECK --interval=5m --timeout=1m --start-period=5m \
  CMD ["harvest", "status", "--max-age", "1 hour"]
ENTRYPOINT ["harvest"]
CMD ["run"]
