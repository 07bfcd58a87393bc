# Builds the program from this checkout; docs/operating.md says how to run what comes out.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
# It fetches its crates from crates.io, and htmx from npm by the digest that is locked here.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package server \
    && install -D target/release/jbl-chat /out/jbl-chat

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/jbl-chat --shell /usr/sbin/nologin jbl-chat \
    && install -d -o jbl-chat -g jbl-chat -m 700 /var/lib/jbl-chat
COPY --from=build /out/jbl-chat /usr/local/bin/jbl-chat
USER 10001
WORKDIR /var/lib/jbl-chat
VOLUME /var/lib/jbl-chat
ENV DATABASE_URL=sqlite:///var/lib/jbl-chat/chat.db LISTEN_ADDR=0.0.0.0:8000
EXPOSE 8000
# Whether it lives, not whether its database does: a restart would not bring that back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["jbl-chat"]
CMD ["serve"]
