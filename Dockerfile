# The bot as a server. Pin the image before you build for production: `docker buildx imagetools inspect node:24-slim` prints its
# digest; write node:24-slim@sha256:<digest> in both places.
FROM node:24-slim AS build
WORKDIR /weighin
COPY . .
# Installs exactly what the lock says, then bundles.
RUN node build/build.mjs

FROM node:24-slim
ENV NODE_ENV=production LOG_FORMAT=json HOST=0.0.0.0 PORT=3000
WORKDIR /weighin
# The bot works with Git and reports alone: none of dist's native modules is installed.
COPY --from=build /weighin/dist ./dist
COPY LICENSE ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell between: SIGTERM reaches the server, which finishes what is under way within 25 s.
CMD ["node", "dist/bot.js"]
