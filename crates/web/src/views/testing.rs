//! What the tests of views show, and to whom.

use domain::Timestamp;
use domain::conversations::Seq;
use domain::messages::{ClientId, Message, MessageBody, MessageId};
use domain::users::{DisplayName, User, UserId, Username};
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::requests::{Looks, Reader, Theme};

pub(crate) fn user(name: &str) -> User {
    let id = name.bytes().fold(0, |id, byte| id * 256 + u128::from(byte));
    User {
        id: UserId(Uuid::from_u128(id)),
        username: Username::parse(name).unwrap(),
        display_name: DisplayName::parse(name).unwrap(),
        last_seen_at: None,
        present_at: None,
        read_receipts: true,
    }
}

/// David, who reads in this zone at this time.
pub(crate) fn reader(zone: &str, now: Timestamp) -> Reader {
    let zone = TimeZone::get(zone).unwrap();
    Reader {
        user: user("david"),
        looks: Looks {
            theme: Theme::System,
            zone,
        },
        now,
    }
}

pub(crate) fn message(seq: i64, sender: &User, sent_at: &str) -> Message {
    Message {
        id: MessageId(Uuid::nil()),
        client_id: ClientId(Uuid::nil()),
        seq: Seq::new(seq).unwrap(),
        sender: sender.id,
        body: MessageBody::parse("hello").unwrap(),
        sent_at: Timestamp::parse(sent_at).unwrap(),
    }
}
