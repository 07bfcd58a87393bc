//! A large made-up data set, for benchmarks and for looking at a full house.
//!
//! The same plan and seed give the same rows on every machine: nothing is drawn from the clock or
//! the operating system, and no fraction is rounded. It is made and stored a batch at a time, so
//! that the memory it takes grows with the number of users and not with that of messages.
//!
//! What it is like: `user000001` and the others all have the password `password`. The first is in
//! one conversation of twenty ([`pairs`]); a few conversations are large, most are small
//! ([`sizes`]); each has been read to the end by both in 85 of 100 cases, and else has up to a
//! dozen unread messages ([`talk`]). `--users 100000 --conversations 200000 --messages 10000000`
//! has a reader with 10,000 conversations, among them one with 1.4 million messages.

mod batches;
mod draw;
mod ids;
mod names;
mod pairs;
mod people;
mod plan;
mod progress;
mod sizes;
mod talk;
#[cfg(test)]
mod tests;
mod text;

use anyhow::ensure;
use domain::Timestamp;
use domain::users::UserId;
use indicatif::HumanCount;
use storage::Store;

use batches::{BATCH, Batches};
pub(crate) use draw::Draw;
use ids::SortedIds;
use pairs::Pairs;
use people::People;
pub(super) use people::username;
pub(crate) use plan::Plan;
use progress::Progress;
use sizes::Sizes;
use talk::Talk;

/// Carries out the plan, and says how long it took. A run that was broken off leaves half a data
/// set, which is to be dropped with the database.
///
/// # Errors
/// When the database has made-up users already; nothing is changed then.
pub(super) async fn store(store: &Store, plan: &Plan) -> anyhow::Result<String> {
    let first = username(1)?;
    ensure!(
        store.importer().user_id(&first).await?.is_none(),
        "there is a {first} already: run `cargo xtask migrate fresh` first, which drops all there is"
    );
    let mut draw = Draw::new(plan.seed);
    let mut progress = Progress::of_messages(plan.messages)?;
    let people = store_people(store, plan.users, &mut draw).await?;
    store_talks(store, plan, &people, &mut draw, &mut progress).await?;
    Ok(format!(
        "{} users, {} conversations, {} messages in {}",
        HumanCount(plan.users.into()),
        HumanCount(plan.conversations.into()),
        HumanCount(plan.messages),
        progress.finish()
    ))
}

async fn store_people(store: &Store, count: u32, draw: &mut Draw) -> anyhow::Result<Vec<UserId>> {
    let first_message = Timestamp::from_unix_millis(talk::FIRST_MILLIS.cast_signed())?;
    let mut people = People::new(first_message);
    let mut stored = Vec::with_capacity(count as usize);
    while stored.len() < count as usize {
        let size = BATCH.min(count as usize - stored.len());
        let batch = (0..size)
            .map(|_| people.next(draw))
            .collect::<anyhow::Result<Vec<_>>>()?;
        store.importer().users(&batch).await?;
        stored.extend(batch.iter().map(|user| user.id));
    }
    Ok(stored)
}

async fn store_talks(
    store: &Store,
    plan: &Plan,
    people: &[UserId],
    draw: &mut Draw,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let mut ids = SortedIds::from(talk::STORED_MILLIS);
    let pairs = Pairs::new(plan.users, plan.conversations, draw);
    let mut batches = Batches::new(store, progress);
    for ((low, high), size) in pairs.zip(Sizes::new(plan.conversations, plan.messages)) {
        let mut talk = Talk::new((people[low], people[high]), size, &mut ids, draw);
        batches.conversation(talk.conversation()?);
        while let Some(message) = talk.next(&mut ids, draw)? {
            batches.message(message).await?;
        }
    }
    batches.finish().await
}
