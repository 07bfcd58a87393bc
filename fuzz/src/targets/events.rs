//! What another node tells over NATS.

#[path = "../../../crates/broker/src/nats/wire.rs"]
mod wire;

/// What is read as an event is the same event after another journey.
pub fn run(input: &[u8]) {
    if let Ok(event) = wire::decode(input) {
        let again = wire::decode(&wire::encode(&event)).expect("it was written by us");
        assert_eq!(format!("{event:?}"), format!("{again:?}"));
    }
}
