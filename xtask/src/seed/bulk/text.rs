use domain::messages::MessageBody;

use super::draw::Draw;

/// The most characters a made-up message has.
const MOST_CHARS: usize = 300;

/// Makes up what somebody writes: 1–300 characters, most of it one short sentence, some of it
/// several, now and then in another script, with an emoji, a link or a second line.
pub(super) fn body(draw: &mut Draw) -> anyhow::Result<MessageBody> {
    let mut text = String::with_capacity(64);
    if draw.percent(12) {
        text.push_str(draw.one_of(SHORT));
        return Ok(MessageBody::parse(&text)?);
    }
    let sentences = match draw.below(100) {
        0..70 => 1,
        70..90 => 2,
        90..97 => 3,
        _ => 12,
    };
    let mut part = String::with_capacity(64);
    for number in 0..sentences {
        part.clear();
        if number > 0 {
            part.push(if draw.percent(15) { '\n' } else { ' ' });
        }
        sentence(&mut part, draw);
        if chars(&text) + chars(&part) > MOST_CHARS {
            break;
        }
        text.push_str(&part);
    }
    Ok(MessageBody::parse(&text)?)
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn sentence(text: &mut String, draw: &mut Draw) {
    let parts: [&str; 4] = match draw.below(100) {
        0..30 => [draw.one_of(WHO), draw.one_of(DOES), draw.one_of(WHEN), "."],
        30..50 => ["Can you ", draw.one_of(TASKS), draw.one_of(WHEN), "?"],
        50..70 => ["I will ", draw.one_of(TASKS), draw.one_of(WHEN), "."],
        70..80 => ["Did you ", draw.one_of(TASKS), " already", "?"],
        80..97 => [draw.one_of(REMARKS), "", "", ""],
        _ => {
            let page = draw.below(10_000).to_string();
            for part in ["https://example.com/", draw.one_of(SECTIONS), "/", &page] {
                text.push_str(part);
            }
            return;
        }
    };
    for part in parts {
        text.push_str(part);
    }
    if draw.percent(8) {
        text.push(' ');
        text.push_str(draw.one_of(EMOJI));
    }
}

const SHORT: &[&str] = &[
    "?",
    "k",
    "👍",
    "ok",
    "Yes",
    "No",
    "Done",
    "Thanks!",
    "Thank you 🙏",
    "On it",
    "Same here",
    "Good morning",
    "Not yet",
    "Sure",
    "Why not",
    "Haha",
    "See you!",
    "Later",
    "Of course",
    "👀",
];

const WHO: &[&str] = &[
    "The new version ",
    "The customer in Oslo ",
    "Our landlord ",
    "The printer ",
    "My sister ",
    "The second test ",
    "Somebody from accounting ",
    "The coffee machine ",
    "The big order ",
    "The train to Zürich ",
    "The invoice ",
    "The bug from last week ",
    "The whole team ",
];

const DOES: &[&str] = &[
    "is late",
    "is back",
    "arrived",
    "works again",
    "has no battery left",
    "looks good",
    "needs another look",
    "was sent",
    "is waiting for an answer",
    "made everybody laugh",
    "will be there",
    "does not answer",
    "is the first on the list",
    "costs more than we thought",
];

const TASKS: &[&str] = &[
    "send me the figures",
    "call the plumber",
    "look at the draft",
    "book the room",
    "water the plants",
    "update the page",
    "bring the cake",
    "answer the customer",
    "check the numbers",
    "write the summary",
    "order more paper",
    "ask María about it",
    "read the second chapter",
    "move the meeting",
    "test it on a phone",
    "print the labels",
];

const WHEN: &[&str] = &[
    "",
    " today",
    " tomorrow",
    " on Friday",
    " before lunch",
    " next week",
    " after the meeting",
    " as soon as possible",
    " this evening",
    " in an hour",
    " when there is time",
    " again",
];

const REMARKS: &[&str] = &[
    "That sounds good to me.",
    "I have no idea, sorry.",
    "Let us talk about it at lunch.",
    "I liked the first one better.",
    "It rains here, and there?",
    "What a day.",
    "You are right, I forgot about that.",
    "No hurry.",
    "Could be worse.",
    "I am on the train now.",
    "Merci beaucoup, à bientôt !",
    "Das hört sich gut an, schöne Grüße!",
    "¿Quedamos mañana?",
    "どうもありがとう",
    "明天见",
    "Спасибо, до завтра!",
    "شكرا جزيلا",
    "감사합니다",
    "Ευχαριστώ πολύ",
    "Tack så mycket!",
    "Who else is coming?",
    "That was quick!",
];

const SECTIONS: &[&str] = &["news", "orders", "photos", "tickets", "wiki"];

const EMOJI: &[&str] = &["🙂", "😄", "🎉", "🙈", "☕", "🚲", "❤️", "👩‍💻", "🤷‍♀️", "🇪🇺"];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_are_1_to_300_characters_varied_and_in_many_scripts() {
        let mut draw = Draw::new(1);
        let texts: Vec<String> = (0..20_000)
            .map(|_| body(&mut draw).unwrap().as_str().to_owned())
            .collect();
        let lengths: Vec<usize> = texts.iter().map(|text| chars(text)).collect();
        assert_eq!(lengths.iter().min(), Some(&1));
        assert!((250..=300).contains(lengths.iter().max().unwrap()));
        let distinct: HashSet<_> = texts.iter().collect();
        assert!(distinct.len() > 6_000, "{}", distinct.len());
        for part in ["\n", "https://example.com/", "あ", "🇪🇺", "ش"] {
            assert!(texts.iter().any(|text| text.contains(part)), "{part}");
        }
    }
}
