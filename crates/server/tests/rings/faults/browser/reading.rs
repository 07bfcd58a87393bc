use std::net::SocketAddr;
use std::time::Duration;

use thirtyfour::session::scriptret::ScriptRet;

use crate::browser::{Chromium, Tab};
use crate::faults::stage::Stage;
use crate::faults::writing::{texts, write_many};
use crate::support::within;

/// What a browser says of a server that is away.
pub(super) const AWAY: [&str; 4] = [
    "ERR_",
    "Failed to fetch",
    "TimeoutError",
    "htmx:error: timeout",
];

/// The first bubble that can be seen, and how far below the upper edge it begins.
const PLACE: &str = "
    const edge = document.querySelector('.history').getBoundingClientRect().top;
    const place = (bubble) => bubble.getBoundingClientRect();
    const seen = [...document.querySelectorAll('#messages [data-seq]')].find((bubble) => place(bubble).bottom > edge);
    return [seen.id, place(seen).top - edge];
";

/// How many messages there are before anything breaks.
const BEFORE: usize = 120;
/// How many of them are shown: two pieces of history.
pub(super) const SHOWN: usize = 100;

/// David reads what James wrote, far above the end, with half a thought in the composer.
pub(super) struct Reading {
    pub(super) tab: Tab,
    /// All that James has written, oldest first.
    written: Vec<String>,
    place: (String, f64),
}

impl Reading {
    /// Opens the page; it lives until the end of the test, or the test fails.
    pub(super) async fn begin<const NODES: usize>(
        chromium: &Chromium,
        stage: &Stage<NODES>,
        address: SocketAddr,
    ) -> Self {
        let james = stage.beside(0, "jamessmith").await;
        write_many(&james, "davidjones", "before", BEFORE).await;
        let tab = Tab::at(address, chromium.browser(true).await);
        tab.sign_in("davidjones").await;
        tab.open("/conversations/jamessmith").await;
        // Older messages come when one scrolls to where they begin.
        let script = "document.querySelector('#messages .more').scrollIntoView();";
        evaluate(&tab, script).await;
        let mut reading = Self {
            tab,
            written: texts("before", BEFORE),
            place: (String::new(), 0.0),
        };
        reading.has_all(Duration::from_secs(10), SHOWN).await;
        reading.tab.write("Half a thought").await;
        let script =
            "window.isTheSame = true; document.querySelector('.history').scrollTop = -1500;";
        evaluate(&reading.tab, script).await;
        reading.place = reading.place().await;
        reading
    }

    /// James has written `{word} 1.` to `{word} {count}.` since.
    pub(super) fn add(&mut self, word: &str, count: usize) {
        self.written.extend(texts(word, count));
    }

    /// Waits until the page shows at least the last `count` messages: in order, each once.
    pub(super) async fn has_all(&self, patience: Duration, count: usize) {
        let shown = within(patience, "the page shows the last message", || async {
            let shown = bubbles(&self.tab).await;
            (shown.len() >= count && shown.last() == self.written.last()).then_some(shown)
        })
        .await;
        assert!(shown.len() <= self.written.len(), "{shown:?}");
        assert_eq!(shown, self.written[self.written.len() - shown.len()..]);
    }

    /// The page is the same one, at the same place, with the same text in it.
    pub(super) async fn is_undisturbed(&self) {
        let (id, top) = self.place().await;
        let (id_before, top_before) = &self.place;
        assert_eq!(&id, id_before);
        assert!((top - top_before).abs() < 3.0, "from {top_before} to {top}");
        assert_eq!(self.tab.written().await, "Half a thought");
        assert!(is_the_same(&self.tab).await, "the page was loaded again");
    }

    async fn place(&self) -> (String, f64) {
        evaluate(&self.tab, PLACE).await.convert().unwrap()
    }
}

/// Whether the page has not been loaded again since it was marked.
pub(super) async fn is_the_same(tab: &Tab) -> bool {
    let same = evaluate(tab, "return window.isTheSame === true").await;
    same.convert().unwrap()
}

/// The texts of the stored messages that are shown, after their sender's name, top down.
pub(super) async fn bubbles(tab: &Tab) -> Vec<String> {
    let script = "return [...document.querySelectorAll('#messages [data-seq] .bubble')]\
        .map((bubble) => bubble.textContent.replace(/^[^:]*: /, ''))";
    evaluate(tab, script).await.convert().unwrap()
}

/// What a script gives back.
pub(super) async fn evaluate(tab: &Tab, script: &str) -> ScriptRet {
    tab.browser.execute(script, vec![]).await.unwrap()
}
