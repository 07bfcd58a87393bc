//! The checker finds each kind of violation, and none where there is none.

use super::*;

const PEOPLE: [&str; 2] = ["david", "james"];

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn message(n: u64) -> Message {
    Message {
        id: id(n.into()),
        client_id: id(1_000 + u128::from(n)),
        seq: n,
        sender: PEOPLE[usize::from(n.is_multiple_of(2))].to_owned(),
        body: format!("text {n}"),
    }
}

/// Two people who wrote three messages, saw them on a page and heard them on a stream.
struct Story {
    history: Vec<Entry>,
    stored: Vec<Stored>,
}

impl Story {
    fn new() -> Self {
        let [david, james] = PEOPLE.map(str::to_owned);
        let mut history = Vec::new();
        let mut stored = Vec::new();
        for message in (1..=3).map(message) {
            let from = message.sender.clone();
            let to = if from == david { &james } else { &david };
            history.push(Entry::Sends {
                client_id: message.client_id,
                from,
                to: to.clone(),
                body: message.body.clone(),
            });
            history.push(Entry::Acknowledged {
                client_id: message.client_id,
                message: message.clone(),
            });
            history.push(Entry::Told {
                viewer: david.clone(),
                with: james.clone(),
                message: message.clone(),
            });
            stored.push(Stored {
                conversation: id(77),
                members: [david.clone(), james.clone()],
                message,
            });
        }
        history.push(Entry::Page {
            viewer: james.clone(),
            with: david.clone(),
            asked: history.len(),
            after: 0,
            is_end: true,
            messages: (1..=3).map(message).collect(),
        });
        history.push(Entry::Has {
            viewer: david,
            with: james,
            ids: (1..=3).map(id).collect(),
        });
        Self { history, stored }
    }

    fn page(&mut self) -> &mut Vec<Message> {
        let pages = self.history.iter_mut().filter_map(|entry| match entry {
            Entry::Page { messages, .. } => Some(messages),
            _ => None,
        });
        pages.last().unwrap()
    }

    #[track_caller]
    fn breaks(&self, expected: &[Violation]) {
        assert_eq!(violations(&self.history, &self.stored), expected);
    }
}

fn of_james(violation: fn(String, Uuid) -> Violation, n: u128) -> Violation {
    violation("james".to_owned(), id(n))
}

#[test]
fn what_went_well_breaks_nothing() {
    Story::new().breaks(&[]);
}

#[test]
fn an_acknowledged_message_that_is_gone_is_lost_and_was_shown_though_not_stored() {
    let mut story = Story::new();
    story
        .history
        .retain(|it| matches!(it, Entry::Sends { .. } | Entry::Acknowledged { .. }));
    story.stored.pop();
    story.breaks(&[Violation::Lost(id(1_003))]);
    let mut story = Story::new();
    story
        .history
        .retain(|it| matches!(it, Entry::Sends { .. } | Entry::Page { .. }));
    story.stored.pop();
    story.breaks(&[of_james(
        |viewer, id| Violation::NotStored { viewer, id },
        3,
    )]);
}

#[test]
fn a_send_that_is_stored_twice_is_found() {
    let mut story = Story::new();
    let mut again = story.stored[2].clone();
    (again.message.id, again.message.seq) = (id(4), 4);
    story.stored.push(again);
    let missed = Violation::Missed {
        viewer: "david".to_owned(),
        id: id(4),
    };
    story.breaks(&[Violation::Doubled(id(1_003)), missed]);
}

#[test]
fn a_gap_in_the_numbers_is_found_and_a_number_given_twice() {
    for seq in [2, 4] {
        let mut story = Story::new();
        story.history.retain(|it| matches!(it, Entry::Sends { .. }));
        story.stored[2].message.seq = seq;
        story.breaks(&[Violation::Gap {
            conversation: id(77),
            wanted: 3,
            found: seq,
        }]);
    }
}

#[test]
fn an_answer_that_says_something_else_than_what_is_stored_is_found() {
    let mut story = Story::new();
    story
        .history
        .retain(|it| matches!(it, Entry::Sends { .. } | Entry::Acknowledged { .. }));
    for entry in &mut story.history {
        if let Entry::Acknowledged { message, .. } = entry {
            message.seq = 9;
            break;
        }
    }
    story.breaks(&[Violation::Altered(id(1_001))]);
}

#[test]
fn what_nobody_sent_is_found() {
    let mut story = Story::new();
    story.history.remove(0);
    story.breaks(&[Violation::Unsent(id(1_001))]);
}

#[test]
fn two_conversations_of_two_people_are_found() {
    let mut story = Story::new();
    story.stored[2].conversation = id(78);
    story.breaks(&[Violation::Split(PEOPLE.map(str::to_owned))]);
}

#[test]
fn another_order_and_a_hole_in_a_page_are_found() {
    let disorder = Violation::Disorder {
        viewer: "james".to_owned(),
        with: "david".to_owned(),
    };
    let mut story = Story::new();
    story.page().swap(0, 1);
    story.breaks(std::slice::from_ref(&disorder));
    let mut story = Story::new();
    story.page().remove(1);
    story.breaks(&[disorder]);
    // In the right order, and not as everybody else sees it.
    let mut story = Story::new();
    let page = story.page();
    (page[0].id, page[1].id) = (page[1].id, page[0].id);
    let not_stored = |n| of_james(|viewer, id| Violation::NotStored { viewer, id }, n);
    story.breaks(&[not_stored(1), not_stored(2)]);
}

#[test]
fn a_page_without_what_was_acknowledged_before_it_was_asked_for_is_found() {
    let mut story = Story::new();
    story.page().pop();
    story.breaks(&[Violation::Stale {
        viewer: "james".to_owned(),
        with: "david".to_owned(),
    }]);
    // Asked for before the third one was acknowledged.
    let third = story
        .history
        .iter()
        .rposition(|it| matches!(it, Entry::Acknowledged { .. }));
    for entry in &mut story.history {
        if let Entry::Page { asked, .. } = entry {
            *asked = third.unwrap();
        }
    }
    story.breaks(&[]);
}

#[test]
fn what_is_shown_to_a_stranger_is_found() {
    let mut story = Story::new();
    story.history.push(Entry::Told {
        viewer: "mary".to_owned(),
        with: "james".to_owned(),
        message: message(1),
    });
    story.breaks(&[Violation::Stranger {
        viewer: "mary".to_owned(),
        id: id(1),
    }]);
}

#[test]
fn what_a_reader_has_not_got_in_the_end_is_found() {
    let mut story = Story::new();
    if let Some(Entry::Has { ids, .. }) = story.history.last_mut() {
        ids.remove(1);
    }
    story.breaks(&[Violation::Missed {
        viewer: "david".to_owned(),
        id: id(2),
    }]);
}

#[test]
fn an_answer_that_must_not_be_is_found() {
    let mut story = Story::new();
    let what = "500".to_owned();
    story.history.push(Entry::Refused { what: what.clone() });
    story.breaks(&[Violation::Refused(what)]);
}
