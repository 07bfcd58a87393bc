use domain::Timestamp;
use domain::sessions::PasswordHash;
use domain::users::{DisplayName, NewUser, UserId, Username};

use super::draw::Draw;
use super::ids::SortedIds;
use super::names::{FIRST_NAMES, LAST_NAMES};

/// An Argon2id hash of `password`, made once for all data sets, so that they are the same
/// everywhere and hashing takes no time.
const HASH_OF_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1\
    $amJsLWNoYXQgc2VlZGluZw$/i/6q/YC9SU9Er8g9jNWwXdtlQHPglYsBOkS44G114s";

/// Makes up people: `user000001`, `user000002`, … who joined in the half year before `before`.
pub(super) struct People {
    before: Timestamp,
    ids: SortedIds,
    made: u32,
}

impl People {
    const JOINING_MILLIS: u64 = 180 * 24 * 60 * 60 * 1_000;

    pub(super) fn new(before: Timestamp) -> Self {
        let first_millis = before.unix_millis().unsigned_abs() - Self::JOINING_MILLIS;
        Self {
            before,
            ids: SortedIds::from(first_millis),
            made: 0,
        }
    }

    pub(super) fn next(&mut self, draw: &mut Draw) -> anyhow::Result<NewUser> {
        self.made += 1;
        let ago = std::time::Duration::from_millis(draw.below(Self::JOINING_MILLIS));
        Ok(NewUser {
            id: UserId(self.ids.next(draw)),
            username: username(self.made)?,
            display_name: DisplayName::parse(&full_name(draw))?,
            password_hash: PasswordHash::from_stored(HASH_OF_PASSWORD),
            created_at: self.before.before(ago),
            enabled: true,
        })
    }
}

/// The name of person number `number`, from 1 on.
pub(in crate::seed) fn username(number: u32) -> anyhow::Result<Username> {
    Ok(Username::parse(&format!("user{number:06}"))?)
}

/// Every third has an initial in the middle: without them there are not names enough for 100,000.
fn full_name(draw: &mut Draw) -> String {
    let (first, last) = (draw.one_of(FIRST_NAMES), draw.one_of(LAST_NAMES));
    if draw.percent(33) {
        let initial = draw.one_of(&["A.", "C.", "E.", "J.", "K.", "L.", "M.", "R.", "S.", "T."]);
        format!("{first} {initial} {last}")
    } else {
        format!("{first} {last}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::sessions::{Password, PasswordHasher, Verdict};

    use super::*;

    #[tokio::test]
    async fn the_hash_is_one_of_todays_kind_of_the_word_password() {
        let hasher = passwords::Argon2Hasher::new();
        let verdict = hasher
            .verify(
                Password::typed("password".to_owned()),
                Some(PasswordHash::from_stored(HASH_OF_PASSWORD)),
            )
            .await;
        assert_eq!(verdict.unwrap(), Verdict::Match);
    }

    #[test]
    fn people_have_numbered_names_and_mostly_different_ones_to_read() {
        let joined_before = Timestamp::from_unix_millis(1_700_000_000_000).unwrap();
        let (mut people, mut draw) = (People::new(joined_before), Draw::new(1));
        let made: Vec<NewUser> = (0..2_000)
            .map(|_| people.next(&mut draw).unwrap())
            .collect();
        assert_eq!(made[0].username.as_str(), "user000001");
        assert_eq!(made[1_999].username.as_str(), "user002000");
        assert!(made.iter().all(|user| user.created_at <= joined_before));
        let names: HashSet<&str> = made.iter().map(|user| user.display_name.as_str()).collect();
        assert!(names.len() > 1_800, "{}", names.len());
    }
}
