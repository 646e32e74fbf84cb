# One image for web, worker, beat and migrate; what differs is the command. No secret is needed to build it.

FROM node:22-bookworm-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-progress

FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=innocore.settings \
    VAR_DIR=/app/var \
    WEB_BIND=0.0.0.0:8000
RUN groupadd --gid 10001 innocore \
    && useradd --uid 10001 --gid innocore --no-create-home --home-dir /tmp --shell /usr/sbin/nologin innocore
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY --from=frontend /build/node_modules/bootstrap/dist node_modules/bootstrap/dist
COPY --from=frontend /build/node_modules/pretendard/dist/web/variable node_modules/pretendard/dist/web/variable
COPY --from=frontend /build/node_modules/pretendard/dist/public/static node_modules/pretendard/dist/public/static
COPY . .
# These commands reach no database and no broker; the settings only ask for an address of each.
RUN export SECRET_KEY=only-while-building DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost/0 \
    && python -m compileall -q . \
    && python manage.py messages compile \
    && python manage.py collectstatic --no-input \
    && install -d -o innocore -g innocore -m 0700 var/media
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "-m", "gunicorn", "--config", "innocore/gunicorn.py", "innocore.wsgi"]
