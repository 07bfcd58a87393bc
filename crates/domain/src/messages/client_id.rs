use std::fmt;

use uuid::Uuid;

/// The id a client gives to a message before sending it: a UUID, unique for its sender for ever.
/// Sending the same again is a retry and not a second message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(pub Uuid);

/// Why something is not a [`ClientId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct ClientIdError;

impl ClientId {
    /// # Errors
    /// [`ClientIdError`] when it is not a UUID in one of its usual spellings.
    pub fn parse(raw: &str) -> Result<Self, ClientIdError> {
        Uuid::try_parse(raw).map(Self).map_err(|_| ClientIdError)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_a_uuid_in_any_case() {
        let id = ClientId::parse("018F3B1E-7C00-7000-8000-00000000000A").unwrap();
        assert_eq!(id.to_string(), "018f3b1e-7c00-7000-8000-00000000000a");
        for raw in [
            "",
            "1",
            "018f3b1e-7c00-7000-8000-00000000000",
            "018f3b1e-7c00-7000-8000-00000000000g",
        ] {
            assert_eq!(ClientId::parse(raw), Err(ClientIdError), "{raw}");
        }
    }
}
