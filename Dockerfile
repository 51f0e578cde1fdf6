# harvester with nothing it does not need: an own user, no compiler, a system that may be read-only.
#   docker build -t harvester .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --memory 1g \
#     -v "$PWD/archive:/archive" harvester run        # settings.toml lies in ./archive, and the archive comes to lie there
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
RUN useradd --system --uid 10001 --home-dir /archive harvester && mkdir /archive && chown harvester /archive
USER 10001
WORKDIR /archive
VOLUME /archive
ENV PYTHONDONTWRITEBYTECODE=1
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --start-period=5m CMD ["/opt/harvester/bin/harvest", "status", "--json"]
ENTRYPOINT ["/opt/harvester/bin/harvest"]
CMD ["run"]
