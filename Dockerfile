# Any featinv command in a container. In the checkout: docker build -t featinv .
FROM node:22-slim AS build
# The CPU's libraries are in the package; without this, CUDA's would be fetched, too.
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /featinv
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production FEATINV_HOME=/home/node/.cache/featinv
COPY --from=build /featinv /featinv
# Volumes take over the owner of the folder that they are mounted on.
RUN mkdir -p /shared /studio && chown node /shared /studio
USER node
WORKDIR /featinv
ENTRYPOINT ["node", "/featinv/dist/cli/main.js"]
CMD ["--help"]
