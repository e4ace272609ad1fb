# Build: everything is compiled from the sources in the image, SQLite, libpq and OpenSSL too.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The dependencies are a layer of their own: a change of the sources does not build them again.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir -p src demo migrations tests/integration benches/names benches/reading \
    && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
    && echo 'fn main() {}' > tests/integration/main.rs && echo 'fn main() {}' > benches/names/main.rs && echo 'fn main() {}' > benches/reading/main.rs \
    && cargo build --release --locked --bin kartoteka \
    && rm -rf src target/release/kartoteka target/release/deps/kartoteka* target/release/deps/libkartoteka* \
              target/release/.fingerprint/kartoteka-*
COPY build.rs ./
COPY migrations migrations
COPY demo demo
COPY generator generator
COPY src src
RUN cargo build --release --locked --bin kartoteka && strip target/release/kartoteka

FROM debian:bookworm-slim
# A user without rights, with a fixed number so that volumes keep their owner.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin kartoteka \
    && install -d -o kartoteka -g kartoteka /data
COPY --from=build /build/target/release/kartoteka /usr/local/bin/kartoteka
# The default database, data/kartoteka.db, lies in the volume.
WORKDIR /
USER 10001
ENV KARTOTEKA_LISTEN=0.0.0.0:8080 \
    KARTOTEKA_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["kartoteka", "health"]
ENTRYPOINT ["kartoteka"]
CMD ["serve"]
