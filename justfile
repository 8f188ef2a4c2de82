# The daily commands. `just` lists them.

_list:
    @just --list

# The whole suite against the bundled client
run *ARGUMENTS:
    cargo run --release -- {{ARGUMENTS}}

# All tests
test *ARGUMENTS:
    cargo test --workspace --all-features {{ARGUMENTS}}

# One broken client against its row of the kill matrix: just defect no-iss-check
defect NAME:
    cargo test -p mcp-authspec --test self_test -- defect::{{NAME}}

# Every broken client against every case
full-matrix:
    cargo test -p mcp-authspec --test self_test -- --full-matrix

# Write the kill matrix anew; read the difference before you commit it
kill-matrix:
    KILL_MATRIX=write cargo test -p mcp-authspec --test self_test

# Accept changed snapshots; read the difference before you commit it
snapshots:
    INSTA_UPDATE=always cargo test --workspace --all-features

# Format and lints
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# The documentation as a book, in target/book
docs:
    ci/docs

# Licences, sources and advisories of dependencies
deny:
    cargo deny check

# Everything that CI checks
ci:
    .ci/run
