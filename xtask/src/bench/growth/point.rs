use serde::{Deserialize, Serialize};

/// What requests cost on so much data.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(in crate::bench) struct Point {
    pub(in crate::bench) users: u32,
    pub(in crate::bench) messages: u64,
    /// How many conversations the reader has.
    pub(in crate::bench) inbox: usize,
    pub(in crate::bench) costs: Costs,
}

/// Microseconds of the server for each.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(in crate::bench) struct Costs {
    pub(in crate::bench) page: f64,
    pub(in crate::bench) inbox: f64,
    pub(in crate::bench) directory: f64,
    pub(in crate::bench) search: f64,
    pub(in crate::bench) search_for_full_name: f64,
    pub(in crate::bench) send: f64,
}

/// In a word or three, where there is little room.
pub(in crate::bench) const SHORT_NAMES: [&str; 6] = [
    "page",
    "inbox",
    "directory",
    "search",
    "full-name search",
    "send",
];

impl Costs {
    /// With what they are, in the order of [`SHORT_NAMES`].
    pub(in crate::bench) fn named(&self) -> [(&'static str, f64); 6] {
        [
            ("a page", self.page),
            ("the inbox", self.inbox),
            ("the directory", self.directory),
            ("a search", self.search),
            ("a search for a full name", self.search_for_full_name),
            ("a send", self.send),
        ]
    }
}
