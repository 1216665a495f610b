# Two stages: one installs, the other runs, as nobody special, with nothing but what is needed.
# Dependencies are a layer of their own; the sources come last.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY storage storage
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation --target /opt/app .

FROM python:3.11-slim
ENV PATH=/opt/app/bin:/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080 \
    DATABASE_URL=sqlite:////data/ideogram-bot.db \
    FILES_URL=file:/data/images
RUN useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin bot
WORKDIR /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/app /opt/app
USER bot
VOLUME /data
EXPOSE 8080
# The drain takes up to 20 seconds: docker stop --time 30
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; bot = http.client.HTTPConnection('127.0.0.1', int(os.environ['HTTP_PORT']), timeout=4); bot.request('GET', '/healthz'); sys.exit(bot.getresponse().status != 200)"]
ENTRYPOINT ["ideogram-bot"]
CMD ["run"]
