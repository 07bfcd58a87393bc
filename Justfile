# Short names over `cargo xtask`, which lists what there is.

# From a fresh clone to a running chat.
dev:
    cargo xtask dev

# Two nodes around a PostgreSQL and a NATS server that end with them.
cluster *arguments:
    cargo xtask cluster {{ arguments }}

# Every test; arguments go to the test runner.
test *arguments:
    cargo xtask test {{ if arguments == "" { "" } else { "-- " + arguments } }}

# Everything breaks at random while many send.
soak *arguments:
    cargo xtask soak {{ arguments }}

# The schema: up, down, fresh or status.
migrate direction:
    cargo xtask migrate {{ direction }}

# Fixtures, or a large made-up data set.
seed *arguments:
    cargo xtask seed {{ arguments }}

# What the chat costs, held against its bars.
bench *arguments:
    cargo xtask bench {{ arguments }}

# Pictures of the chat, and what a browser says of its pages.
screenshots:
    cargo xtask screenshots

# No crate depends on what it must not.
arch:
    cargo xtask arch
