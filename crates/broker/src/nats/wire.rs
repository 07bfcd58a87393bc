//! How an event travels between nodes: JSON with a version. Whom it should have told what it
//! cannot read, a node cuts off, so that nodes of two versions can run side by side while they are
//! exchanged.

use domain::Timestamp;
use domain::conversations::{Position, Seq};
use domain::live::{Event, What};
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::sessions::SessionId;
use domain::users::{DisplayName, User, UserId, Username};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const VERSION: u32 = 1;

/// Why something that came is no event.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("it has another shape: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("it is of version {0}")]
    Version(u32),
    #[error("its {what} is wrong: {why}")]
    Value { what: &'static str, why: String },
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u32,
    event: T,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "it is written or read and gone")]
enum EventWire {
    Between {
        from: UserWire,
        to: UserWire,
        what: WhatWire,
    },
    SignedOut {
        user: Uuid,
        session: Uuid,
    },
    SignedOutEverywhere {
        user: Uuid,
    },
    Absent {
        user: Uuid,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhatWire {
    Message(MessageWire),
    Delivered(i64),
    Read(i64),
    Presence,
    Typing,
}

#[derive(Serialize, Deserialize)]
struct UserWire {
    id: Uuid,
    username: String,
    display_name: String,
    last_seen_at: Option<i64>,
    #[serde(default)]
    present_at: Option<i64>,
    #[serde(default)]
    receipts_off: bool,
}

#[derive(Serialize, Deserialize)]
struct MessageWire {
    id: Uuid,
    client_id: Uuid,
    seq: i64,
    sender: Uuid,
    body: String,
    sent_at: i64,
}

pub(super) fn encode(event: &Event) -> Vec<u8> {
    let versioned = Versioned {
        v: VERSION,
        event: EventWire::from(event),
    };
    serde_json::to_vec(&versioned).expect("it has no map and nothing that fails to serialise")
}

pub(super) fn decode(payload: &[u8]) -> Result<Event, WireError> {
    let versioned: Versioned<serde_json::Value> = serde_json::from_slice(payload)?;
    if versioned.v != VERSION {
        return Err(WireError::Version(versioned.v));
    }
    serde_json::from_value::<EventWire>(versioned.event)?.try_into()
}

impl From<&Event> for EventWire {
    fn from(event: &Event) -> Self {
        match event {
            Event::Between { from, to, what } => Self::Between {
                from: from.into(),
                to: to.into(),
                what: what.into(),
            },
            Event::SignedOut { user, session } => Self::SignedOut {
                user: user.0,
                session: session.0,
            },
            Event::SignedOutEverywhere { user } => Self::SignedOutEverywhere { user: user.0 },
            Event::Absent { user } => Self::Absent { user: user.0 },
        }
    }
}

impl TryFrom<EventWire> for Event {
    type Error = WireError;

    fn try_from(event: EventWire) -> Result<Self, WireError> {
        Ok(match event {
            EventWire::Between { from, to, what } => Self::Between {
                from: from.try_into()?,
                to: to.try_into()?,
                what: what.try_into()?,
            },
            EventWire::SignedOut { user, session } => Self::SignedOut {
                user: UserId(user),
                session: SessionId(session),
            },
            EventWire::SignedOutEverywhere { user } => {
                Self::SignedOutEverywhere { user: UserId(user) }
            }
            EventWire::Absent { user } => Self::Absent { user: UserId(user) },
        })
    }
}

impl From<&What> for WhatWire {
    fn from(what: &What) -> Self {
        match what {
            What::Message(message) => Self::Message(message.into()),
            What::Reached(Position::Delivered, seq) => Self::Delivered(seq.get()),
            What::Reached(Position::Read, seq) => Self::Read(seq.get()),
            What::Presence => Self::Presence,
            What::Typing => Self::Typing,
        }
    }
}

impl TryFrom<WhatWire> for What {
    type Error = WireError;

    fn try_from(what: WhatWire) -> Result<Self, WireError> {
        Ok(match what {
            WhatWire::Message(message) => Self::Message(message.try_into()?),
            WhatWire::Delivered(seq) => Self::Reached(Position::Delivered, position(seq)?),
            WhatWire::Read(seq) => Self::Reached(Position::Read, position(seq)?),
            WhatWire::Presence => Self::Presence,
            WhatWire::Typing => Self::Typing,
        })
    }
}

impl From<&User> for UserWire {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.0,
            username: user.username.as_str().to_owned(),
            display_name: user.display_name.as_str().to_owned(),
            last_seen_at: user.last_seen_at.map(Timestamp::unix_millis),
            present_at: user.present_at.map(Timestamp::unix_millis),
            receipts_off: !user.read_receipts,
        }
    }
}

impl TryFrom<UserWire> for User {
    type Error = WireError;

    fn try_from(user: UserWire) -> Result<Self, WireError> {
        Ok(Self {
            id: UserId(user.id),
            username: Username::parse(&user.username).map_err(wrong("username"))?,
            display_name: DisplayName::parse(&user.display_name).map_err(wrong("display name"))?,
            last_seen_at: user.last_seen_at.map(time).transpose()?,
            present_at: user.present_at.map(time).transpose()?,
            read_receipts: !user.receipts_off,
        })
    }
}

impl From<&Message> for MessageWire {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.0,
            client_id: message.client_id.0,
            seq: message.seq.get(),
            sender: message.sender.0,
            body: message.body.as_str().to_owned(),
            sent_at: message.sent_at.unix_millis(),
        }
    }
}

impl TryFrom<MessageWire> for Message {
    type Error = WireError;

    fn try_from(message: MessageWire) -> Result<Self, WireError> {
        Ok(Self {
            id: MessageId(message.id),
            client_id: ClientId(message.client_id),
            seq: position(message.seq)?,
            sender: UserId(message.sender),
            body: MessageBody::parse(&message.body).map_err(wrong("message body"))?,
            sent_at: time(message.sent_at)?,
        })
    }
}

fn position(seq: i64) -> Result<Seq, WireError> {
    Seq::new(seq).map_err(wrong("position"))
}

fn time(millis: i64) -> Result<Timestamp, WireError> {
    Timestamp::from_unix_millis(millis).map_err(wrong("time"))
}

fn wrong<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> WireError {
    move |error| WireError::Value {
        what,
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> User {
        User {
            id: UserId(Uuid::from_u128(name.len() as u128)),
            username: Username::parse(name).unwrap(),
            display_name: DisplayName::parse("Name \u{1f600} \"x\"").unwrap(),
            last_seen_at: (name.len() > 4).then(|| Timestamp::from_unix_millis(7).unwrap()),
            present_at: (name.len() > 4).then(|| Timestamp::from_unix_millis(8).unwrap()),
            read_receipts: name.len() > 4,
        }
    }

    fn between(what: What) -> Event {
        Event::Between {
            from: user("mary"),
            to: user("david"),
            what,
        }
    }

    #[test]
    fn every_event_arrives_as_it_was() {
        let message = Message {
            id: MessageId(Uuid::from_u128(1)),
            client_id: ClientId(Uuid::from_u128(2)),
            seq: Seq::new(3).unwrap(),
            sender: UserId(Uuid::from_u128(4)),
            body: MessageBody::parse("  <b>\n\u{1f600}\"\\").unwrap(),
            sent_at: Timestamp::from_unix_millis(1_700_000_000_123).unwrap(),
        };
        for event in [
            between(What::Message(message)),
            between(What::Reached(Position::Delivered, Seq::ZERO)),
            between(What::Reached(Position::Read, Seq::new(i64::MAX).unwrap())),
            between(What::Presence),
            between(What::Typing),
            Event::SignedOutEverywhere {
                user: UserId(Uuid::from_u128(5)),
            },
            Event::Absent {
                user: UserId(Uuid::from_u128(5)),
            },
            Event::SignedOut {
                user: UserId(Uuid::from_u128(5)),
                session: SessionId(Uuid::from_u128(6)),
            },
        ] {
            assert_eq!(decode(&encode(&event)).unwrap(), event);
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let good =
            String::from_utf8(encode(&between(What::Reached(Position::Read, Seq::ZERO)))).unwrap();
        assert!(decode(good.as_bytes()).is_ok());
        let bad = |from: &str, to: &str| {
            let changed = good.replace(from, to);
            assert_ne!(changed, good);
            decode(changed.as_bytes()).unwrap_err()
        };
        assert!(matches!(bad(r#""v":1"#, r#""v":2"#), WireError::Version(2)));
        assert!(matches!(bad("between", "beyond"), WireError::Shape(_)));
        assert!(matches!(
            bad(r#""mary""#, r#""m y""#),
            WireError::Value {
                what: "username",
                ..
            }
        ));
        assert!(matches!(
            bad(r#""read":0"#, r#""read":-1"#),
            WireError::Value {
                what: "position",
                ..
            }
        ));
        for payload in ["", "{}", "null", "\u{0}"] {
            assert!(matches!(
                decode(payload.as_bytes()),
                Err(WireError::Shape(_))
            ));
        }
    }
}
