//! The program. Everything it does is in the library.

/// Bodies are JSON: they are made of many small pieces, which this one gives and takes back faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    kartoteka::cli::run()
}
