use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::history::{Entry, Message};

/// A message as it lies in the database, with the two members of its conversation.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) conversation: Uuid,
    pub(crate) members: [String; 2],
    pub(crate) message: Message,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Violation {
    /// It was acknowledged and is not there.
    Lost(Uuid),
    /// It was acknowledged as something else than what is there.
    Altered(Uuid),
    /// A client id of a sender is there more than once.
    Doubled(Uuid),
    /// It is there, and nobody sent it so.
    Unsent(Uuid),
    /// The numbers of a conversation are not 1, 2, 3 …
    Gap {
        conversation: Uuid,
        wanted: u64,
        found: u64,
    },
    /// Two people have more than one conversation.
    Split([String; 2]),
    /// Somebody was shown what is not there, or not so: another text, sender or number.
    NotStored { viewer: String, id: Uuid },
    /// Somebody was shown what was said between others, or as if said to somebody else.
    Stranger { viewer: String, id: Uuid },
    /// A page left something out, or had it in another order.
    Disorder { viewer: String, with: String },
    /// A page ended before what was acknowledged when it was asked for.
    Stale { viewer: String, with: String },
    /// A reader has not got it in the end.
    Missed { viewer: String, id: Uuid },
    /// An answer that must not be.
    Refused(String),
}

/// Compares what clients did and saw with what is stored, message by message.
pub(crate) fn violations(history: &[Entry], stored: &[Stored]) -> Vec<Violation> {
    let truth = Truth::of(stored);
    let mut found = BTreeSet::new();
    truth.check_itself(&mut found);
    truth.check_sends(history, &mut found);
    let mut known = Known::default();
    for (at, entry) in history.iter().enumerate() {
        truth.check(at, entry, &mut known, &mut found);
    }
    found.into_iter().collect()
}

/// What is stored, by message and by conversation.
struct Truth<'a> {
    by_id: HashMap<Uuid, &'a Stored>,
    /// In the order of their numbers.
    by_pair: BTreeMap<[&'a str; 2], Vec<&'a Stored>>,
    all: &'a [Stored],
}

/// The highest number of each conversation that was acknowledged so far, and after which entry.
#[derive(Default)]
struct Known(BTreeMap<[String; 2], Vec<(usize, u64)>>);

impl Known {
    fn acknowledge(&mut self, at: usize, members: &[String; 2], seq: u64) {
        let known = self.0.entry(members.clone()).or_default();
        if known.last().is_none_or(|&(_, before)| before < seq) {
            known.push((at, seq));
        }
    }

    /// The highest number acknowledged before the history had so many entries.
    fn before(&self, entries: usize, members: &[String; 2]) -> u64 {
        let known = self.0.get(members).map_or(&[][..], Vec::as_slice);
        let earlier = known.partition_point(|&(at, _)| at < entries);
        earlier.checked_sub(1).map_or(0, |last| known[last].1)
    }
}

impl<'a> Truth<'a> {
    fn of(all: &'a [Stored]) -> Self {
        let by_id = all.iter().map(|it| (it.message.id, it)).collect();
        let mut by_pair: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for stored in all {
            let [one, other] = &stored.members;
            by_pair.entry(pair(one, other)).or_default().push(stored);
        }
        for conversation in by_pair.values_mut() {
            conversation.sort_by_key(|it| it.message.seq);
        }
        Self {
            by_id,
            by_pair,
            all,
        }
    }

    fn check_itself(&self, found: &mut BTreeSet<Violation>) {
        let mut keys = BTreeSet::new();
        for Stored { message, .. } in self.all {
            if !keys.insert((&message.sender, message.client_id)) {
                found.insert(Violation::Doubled(message.client_id));
            }
        }
        for (pair, conversation) in &self.by_pair {
            let ids: BTreeSet<_> = conversation.iter().map(|it| it.conversation).collect();
            if ids.len() > 1 {
                found.insert(Violation::Split(pair.map(str::to_owned)));
            }
            for (stored, wanted) in conversation.iter().zip(1..) {
                let seq = stored.message.seq;
                if seq != wanted {
                    found.insert(Violation::Gap {
                        conversation: stored.conversation,
                        wanted,
                        found: seq,
                    });
                    break;
                }
            }
        }
    }

    /// Each message that is stored was sent, by its sender, to the other member and so.
    fn check_sends(&self, history: &[Entry], found: &mut BTreeSet<Violation>) {
        let mut sent = BTreeSet::new();
        for entry in history {
            if let Entry::Sends {
                client_id,
                from,
                to,
                body,
            } = entry
            {
                sent.insert((*client_id, from.as_str(), pair(from, to), body.as_str()));
            }
        }
        for Stored {
            members: [one, other],
            message,
            ..
        } in self.all
        {
            let Message {
                client_id,
                sender,
                body,
                ..
            } = message;
            if !sent.contains(&(*client_id, sender.as_str(), pair(one, other), body.as_str())) {
                found.insert(Violation::Unsent(*client_id));
            }
        }
    }

    fn check(&self, at: usize, entry: &Entry, known: &mut Known, found: &mut BTreeSet<Violation>) {
        match entry {
            Entry::Sends { .. } | Entry::Unanswered => {}
            Entry::Refused { what } => {
                found.insert(Violation::Refused(what.clone()));
            }
            Entry::Acknowledged { client_id, message } => match self.by_id.get(&message.id) {
                None => {
                    found.insert(Violation::Lost(*client_id));
                }
                Some(stored) => {
                    if stored.message != *message || message.client_id != *client_id {
                        found.insert(Violation::Altered(*client_id));
                    }
                    let [one, other] = &stored.members;
                    let members = pair(one, other).map(str::to_owned);
                    known.acknowledge(at, &members, message.seq);
                }
            },
            Entry::Told {
                viewer,
                with,
                message,
            } => self.check_shown(viewer, with, message, found),
            Entry::Page {
                viewer,
                with,
                asked,
                after,
                is_end,
                messages,
            } => {
                for message in messages {
                    self.check_shown(viewer, with, message, found);
                }
                let numbers = messages.iter().map(|message| message.seq);
                if !numbers.eq((after + 1..).take(messages.len())) {
                    let (viewer, with) = (viewer.clone(), with.clone());
                    found.insert(Violation::Disorder { viewer, with });
                }
                let last = messages.last().map_or(*after, |message| message.seq);
                let members = pair(viewer, with).map(str::to_owned);
                if *is_end && last < known.before(*asked, &members) {
                    let (viewer, with) = (viewer.clone(), with.clone());
                    found.insert(Violation::Stale { viewer, with });
                }
            }
            Entry::Has { viewer, with, ids } => {
                let ids: BTreeSet<_> = ids.iter().collect();
                for stored in self.by_pair.get(&pair(viewer, with)).into_iter().flatten() {
                    let id = stored.message.id;
                    if !ids.contains(&id) {
                        let viewer = viewer.clone();
                        found.insert(Violation::Missed { viewer, id });
                    }
                }
            }
        }
    }

    fn check_shown(
        &self,
        viewer: &str,
        with: &str,
        message: &Message,
        found: &mut BTreeSet<Violation>,
    ) {
        let (id, viewer_name) = (message.id, viewer.to_owned());
        let violation = match self.by_id.get(&id) {
            None => Violation::NotStored {
                viewer: viewer_name,
                id,
            },
            Some(stored) => {
                let [one, other] = &stored.members;
                if pair(one, other) != pair(viewer, with) {
                    Violation::Stranger {
                        viewer: viewer_name,
                        id,
                    }
                } else if stored.message != *message {
                    Violation::NotStored {
                        viewer: viewer_name,
                        id,
                    }
                } else {
                    return;
                }
            }
        };
        found.insert(violation);
    }
}

/// Two people, whoever is named first.
fn pair<'a>(one: &'a str, other: &'a str) -> [&'a str; 2] {
    if one <= other {
        [one, other]
    } else {
        [other, one]
    }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
