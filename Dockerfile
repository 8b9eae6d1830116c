# One image for each part, by --target: api-service, dashboard, docker-stats, worker, server-node.
#
#   dependencies ─▶ build ─▶ bundles ─▶ <part>       the last one: Node, that part's bundle, and nothing else
#
# A change of sources keeps the layer of dependencies; NODE_IMAGE may be any image with Node 20.19 or newer.
ARG NODE_IMAGE=node:24-bookworm-slim
# As package.json says; a test keeps them equal.
ARG JOBSTORM_VERSION=0.1.0
# Which commit, and a hash of the sources: `jobstorm up` finds an image stale by it.
ARG JOBSTORM_COMMIT=unknown
ARG JOBSTORM_SOURCE=unknown

# Only what names packages goes in, so that nothing else makes npm run again.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
RUN --mount=type=cache,target=/root/.npm \
  --mount=type=bind,source=package.json,target=package.json \
  --mount=type=bind,source=package-lock.json,target=package-lock.json \
  --mount=type=bind,source=.npmrc,target=.npmrc \
  --mount=type=bind,source=server-node/package.json,target=server-node/package.json \
  --mount=type=bind,source=worker-node/package.json,target=worker-node/package.json \
  --mount=type=bind,source=api-service/package.json,target=api-service/package.json \
  --mount=type=bind,source=dashboard/package.json,target=dashboard/package.json \
  --mount=type=bind,source=packages/cli/package.json,target=packages/cli/package.json \
  --mount=type=bind,source=packages/loadtest/package.json,target=packages/loadtest/package.json \
  --mount=type=bind,source=packages/program/package.json,target=packages/program/package.json \
  --mount=type=bind,source=packages/protocol/package.json,target=packages/protocol/package.json \
  --mount=type=bind,source=packages/telemetry/package.json,target=packages/telemetry/package.json \
  --mount=type=bind,source=packages/testkit/package.json,target=packages/testkit/package.json \
  npm ci --ignore-scripts --loglevel=error

# Sources are laid over the packages and every part is bundled in one step. An engine that copies whole layers (vfs) takes seconds
# and half a gigabyte for each, so there is one, and what parts copy from is a stage that holds the bundles alone.
FROM dependencies AS build
RUN --mount=type=bind,target=/context cp -r /context/. . && node bin/build.mjs --images /bundles
FROM scratch AS bundles
COPY --from=build /bundles/ /

FROM ${NODE_IMAGE} AS run
WORKDIR /jobstorm
ENV NODE_ENV=production
# A user of no name that owns nothing. Parts write nowhere; the compose files make the root read-only.
USER 10001:10001
STOPSIGNAL SIGTERM

FROM run AS api-service
COPY --from=bundles /api-service/ dist/
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/health.js", "http://127.0.0.1:3000/health"]
ENTRYPOINT ["node", "dist/api.js"]
ARG JOBSTORM_VERSION JOBSTORM_COMMIT JOBSTORM_SOURCE
LABEL io.jobstorm.version=$JOBSTORM_VERSION io.jobstorm.commit=$JOBSTORM_COMMIT io.jobstorm.source=$JOBSTORM_SOURCE

FROM run AS dashboard
COPY --from=bundles /dashboard/ dist/
# A fresh volume takes its owner from here.
COPY --from=bundles --chown=10001:10001 /data/ /data/
EXPOSE 7460
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/health.js", "http://127.0.0.1:7460/health"]
ENTRYPOINT ["node", "dist/dashboard.js"]
ARG JOBSTORM_VERSION JOBSTORM_COMMIT JOBSTORM_SOURCE
LABEL io.jobstorm.version=$JOBSTORM_VERSION io.jobstorm.commit=$JOBSTORM_COMMIT io.jobstorm.source=$JOBSTORM_SOURCE

# It listens on nothing, so its health is a file that it touches while it works.
FROM run AS docker-stats
COPY --from=bundles /docker-stats/ dist/
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/health.js", "/tmp/docker-stats-alive"]
ENTRYPOINT ["node", "dist/docker-stats.js", "--alive", "/tmp/docker-stats-alive"]
ARG JOBSTORM_VERSION JOBSTORM_COMMIT JOBSTORM_SOURCE
LABEL io.jobstorm.version=$JOBSTORM_VERSION io.jobstorm.commit=$JOBSTORM_COMMIT io.jobstorm.source=$JOBSTORM_SOURCE

# Handlers of your own: mount the file and name it by --jobs; docker-compose.worker.yml shows it.
FROM run AS worker
COPY --from=bundles /worker/ dist/
ENV JOBSTORM_METRICS=127.0.0.1:9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/health.js", "http://127.0.0.1:9464/health"]
ENTRYPOINT ["node", "dist/worker.js"]
ARG JOBSTORM_VERSION JOBSTORM_COMMIT JOBSTORM_SOURCE
LABEL io.jobstorm.version=$JOBSTORM_VERSION io.jobstorm.commit=$JOBSTORM_COMMIT io.jobstorm.source=$JOBSTORM_SOURCE

FROM run AS server-node
COPY --from=bundles /server-node/ dist/
# A fresh volume takes its owner from here.
COPY --from=bundles --chown=10001:10001 /data/ /data/
EXPOSE 7419 7420
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/health.js", "http://127.0.0.1:7420/health"]
ENTRYPOINT ["node", "dist/server.js"]
ARG JOBSTORM_VERSION JOBSTORM_COMMIT JOBSTORM_SOURCE
LABEL io.jobstorm.version=$JOBSTORM_VERSION io.jobstorm.commit=$JOBSTORM_COMMIT io.jobstorm.source=$JOBSTORM_SOURCE
