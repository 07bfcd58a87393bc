use domain::Timestamp;
use domain::conversations::{ConversationId, Pair, Seq};
use domain::messages::{ClientId, Message, MessageId};
use domain::users::UserId;
use storage::{ImportedConversation, ImportedMessage};

use super::draw::Draw;
use super::ids::SortedIds;
use super::text;

const MINUTE: u64 = 60 * 1_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// How many messages follow each other within minutes, until they go on another day.
const BURST: u64 = 8;

/// All made-up messages are written within these two years.
pub(super) const FIRST_MILLIS: u64 = 1_725_148_800_000; // 2024-09-01T00:00:00Z
const WINDOW: u64 = 2 * 365 * DAY;
/// When they were stored, which is what their ids say.
pub(super) const STORED_MILLIS: u64 = FIRST_MILLIS + WINDOW;

/// A made-up conversation, from which its messages are drawn one after the other.
pub(super) struct Talk {
    id: ConversationId,
    low: UserId,
    high: UserId,
    size: u64,
    /// So many messages at the end are of one sender, and the one before of the other.
    closing: u64,
    last_sender: UserId,
    /// How far the one has read who has not the last word.
    read_by_other: u64,
    from_millis: u64,
    /// From one burst to the next.
    pause: u64,
    /// From one message to the next in a burst, at most.
    pace: u64,
    written: u64,
    sender: UserId,
}

impl Talk {
    /// With `size` messages, one at least, between two people of whom `low` has the lower id.
    pub(super) fn new(
        (low, high): (UserId, UserId),
        size: u64,
        ids: &mut SortedIds,
        draw: &mut Draw,
    ) -> Self {
        let from = draw.below(WINDOW - DAY);
        let length = DAY + draw.below(WINDOW - DAY - from);
        let pause = length / size.div_ceil(BURST);
        let is_unread = draw.percent(15);
        let closing = size.min(draw.up_to(if is_unread { 12 } else { 3 }));
        Self {
            id: ConversationId(ids.next(draw)),
            low,
            high,
            size,
            closing,
            last_sender: draw.one_of(&[low, high]),
            read_by_other: if is_unread {
                size - draw.up_to(closing)
            } else {
                size
            },
            from_millis: FIRST_MILLIS + from,
            pause,
            pace: MINUTE.min(pause / BURST),
            written: 0,
            sender: draw.one_of(&[low, high]),
        }
    }

    /// As it is when all its messages are written.
    pub(super) fn conversation(&self) -> anyhow::Result<ImportedConversation> {
        let read_by = |user| {
            let read = if user == self.last_sender {
                self.size
            } else {
                self.read_by_other
            };
            seq(read)
        };
        Ok(ImportedConversation {
            id: self.id,
            pair: Pair::new(self.low, self.high)?,
            last_seq: seq(self.size)?,
            created_at: at(self.from_millis)?,
            active_at: at(self.due(self.size))?,
            low_read_seq: read_by(self.low)?,
            high_read_seq: read_by(self.high)?,
        })
    }

    /// The next message; `None` after the last.
    pub(super) fn next(
        &mut self,
        ids: &mut SortedIds,
        draw: &mut Draw,
    ) -> anyhow::Result<Option<ImportedMessage>> {
        if self.written == self.size {
            return Ok(None);
        }
        self.written += 1;
        self.sender = self.next_sender(draw);
        let is_last = self.written == self.size;
        let late = if is_last { 0 } else { draw.below(self.pace) };
        let id = ids.next(draw);
        Ok(Some(ImportedMessage {
            conversation: self.id,
            message: Message {
                id: MessageId(id),
                client_id: ClientId(id),
                seq: seq(self.written)?,
                sender: self.sender,
                body: text::body(draw)?,
                sent_at: at(self.due(self.written) + late)?,
            },
        }))
    }

    /// They take turns loosely, and before the closing run it is the other's.
    fn next_sender(&self, draw: &mut Draw) -> UserId {
        let left = self.size - self.written;
        if left < self.closing {
            self.last_sender
        } else if left == self.closing {
            self.peer_of(self.last_sender)
        } else if draw.percent(60) {
            self.peer_of(self.sender)
        } else {
            self.sender
        }
    }

    fn peer_of(&self, user: UserId) -> UserId {
        if user == self.low {
            self.high
        } else {
            self.low
        }
    }

    /// When message number `number` is written at the earliest.
    fn due(&self, number: u64) -> u64 {
        let index = number - 1;
        self.from_millis + index / BURST * self.pause + index % BURST * self.pace
    }
}

fn seq(number: u64) -> anyhow::Result<Seq> {
    Ok(Seq::new(i64::try_from(number)?)?)
}

fn at(millis: u64) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_unix_millis(i64::try_from(millis)?)?)
}
