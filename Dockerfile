FROM node:20.20.2-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
RUN npm run build

FROM node:20.20.2-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The ONNX runtime brings the libraries of systems that this image is not: some 200 MB.
RUN npm ci --omit=dev && npm cache clean --force \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin \
    node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:20.20.2-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE NOTICE ./
COPY deploy/healthy.mjs deploy/
# The folder that a volume is put over must be the user's own before: the volume takes that on.
RUN mkdir data && chown node:node data
USER node
EXPOSE 8000
# Of all addresses, since 127.0.0.1 is the container's own. Publish the port to whom it is for, or
# set http.tokens: without, whoever reaches it may read everything (docs/security.md).
ENV TIDECAST_HTTP_HOST=0.0.0.0
# /livez says that it lives; whether requests may come is for /readyz to say. A port other than 8000
# is set by TIDECAST_HTTP_PORT, which both obey.
HEALTHCHECK --interval=10s --timeout=5s --retries=12 --start-period=60s \
  CMD ["node", "deploy/healthy.mjs"]
# Node as the first process hears of a stop itself.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
