use std::collections::BTreeMap;
use std::path::Path;

use domain::Timestamp;
use serde_json::Value;

use super::TestApp;

impl TestApp {
    /// Stores everybody and every message of `fixtures/`, and gives what the two wrote to each
    /// other, the first first.
    pub(crate) async fn load_fixtures(&self, one: &str, other: &str) -> Vec<String> {
        let mut users = BTreeMap::new();
        for entry in read("user.json") {
            let fields = &entry["fields"];
            let username = fields["username"].as_str().unwrap().to_owned();
            let (first, last) = (fields["first_name"].as_str(), fields["last_name"].as_str());
            if !["davidjones", "jamessmith", "marybrown"].contains(&username.as_str()) {
                let name = format!("{} {}", first.unwrap(), last.unwrap());
                self.add_user(&username, &name).await;
            }
            users.insert(entry["pk"].as_i64().unwrap(), username);
        }
        let mut messages = read("message.json");
        messages.sort_by_key(|entry| entry["fields"]["created_at"].as_str().map(str::to_owned));
        let mut between = Vec::new();
        for entry in messages {
            let fields = &entry["fields"];
            let member = |name: &str| users[&fields[name].as_i64().unwrap()].as_str();
            let (from, to) = (member("sender"), member("recipient"));
            let text = fields["content"].as_str().unwrap();
            let sent_at = Timestamp::parse(fields["created_at"].as_str().unwrap()).unwrap();
            self.message_at(sent_at, from, to, text).await;
            if (from, to) == (one, other) || (from, to) == (other, one) {
                between.push(text.to_owned());
            }
        }
        between
    }
}

fn read(file: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let content = std::fs::read_to_string(folder.join(file)).unwrap();
    serde_json::from_str(&content).unwrap()
}
