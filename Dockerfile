# One image, a role for each process: the command is the role. docs/operations.md says how; it was not built when it was written.
FROM node:26-bookworm-slim AS pages

WORKDIR /opt/rollcall
COPY package.json package-lock.json .npmrc ./
COPY ui/package.json ./ui/
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY ui ./ui
RUN npm run build:ui

FROM node:26-bookworm-slim

WORKDIR /opt/rollcall
COPY package.json package-lock.json .npmrc ./
# npm compares the lock file with every workspace; the libraries of the pages are needed by their build alone.
COPY ui/package.json ./ui/
# The image has Node already, which is the one optional package that Rollcall brings for machines without it.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY bin ./bin
COPY src ./src
COPY rollcall LICENSE ./
COPY --from=pages /opt/rollcall/ui/dist ./ui/dist

RUN install -d -o node -g node -m 0700 /var/lib/rollcall
USER node
WORKDIR /var/lib/rollcall
ENV ROLLCALL_STORAGE=/var/lib/rollcall ROLLCALL_ENV=production
VOLUME /var/lib/rollcall

STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/rollcall/rollcall"]
CMD ["--help"]
