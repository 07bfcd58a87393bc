use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinSet;

use super::http::{Connection, EventStream, Request};
use crate::seed;

/// So many connections sign people in, or open streams, at once.
const AT_ONCE: usize = 16;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) username: Arc<str>,
    /// As the `Cookie` header has it.
    pub(super) cookie: Arc<str>,
}

/// Signs the first so many made-up people in, in the order of their numbers.
pub(super) async fn sign_in(address: &str, how_many: u32) -> anyhow::Result<Vec<Person>> {
    let numbers: Vec<u32> = (1..=how_many).collect();
    let names = numbers.into_iter().map(seed::made_up_name);
    let names: Vec<String> = names.collect::<anyhow::Result<_>>()?;
    let address: Arc<str> = address.into();
    in_lanes(names, move |names| {
        let address = Arc::clone(&address);
        async move {
            let mut connection = Connection::open(&address).await?;
            let mut people = Vec::with_capacity(names.len());
            for name in names {
                people.push(sign_one_in(&mut connection, &name).await?);
            }
            Ok(people)
        }
    })
    .await
}

/// Signs one in by name.
pub(super) async fn sign_one_in(
    connection: &mut Connection,
    username: &str,
) -> anyhow::Result<Person> {
    let body = json!({ "username": username, "password": "password" }).to_string();
    let request = Request::post_json("/api/v1/session", "", &body);
    let answer = connection.ask(&request).await?;
    let answer = answer.expect(201).context("a sign-in failed")?;
    let cookie = answer.header("set-cookie").context("no cookie was set")?;
    let cookie = cookie.split(';').next().unwrap_or(cookie);
    Ok(Person {
        username: username.into(),
        cookie: cookie.into(),
    })
}

/// Opens the streams of these people, each at its own address, in their order.
pub(super) async fn open_streams(
    people: impl IntoIterator<Item = (Person, String)>,
) -> anyhow::Result<Vec<EventStream>> {
    in_lanes(people.into_iter().collect(), |people| async move {
        let mut streams = Vec::with_capacity(people.len());
        for (person, address) in people {
            streams.push(EventStream::open(&address, &person.cookie).await?);
        }
        Ok(streams)
    })
    .await
}

/// Does `work` on [`AT_ONCE`] parts of `items` at a time; what comes out is in their order.
pub(super) async fn in_lanes<T, R, F>(
    mut items: Vec<T>,
    work: impl Fn(Vec<T>) -> F,
) -> anyhow::Result<Vec<R>>
where
    F: Future<Output = anyhow::Result<Vec<R>>> + Send + 'static,
    R: Send + 'static,
{
    let size = items.len().div_ceil(AT_ONCE).max(1);
    let mut lanes = JoinSet::new();
    let mut number = 0;
    while !items.is_empty() {
        let rest = items.split_off(size.min(items.len()));
        let lane = work(items);
        lanes.spawn(async move { (number, lane.await) });
        items = rest;
        number += 1;
    }
    let mut done = lanes.join_all().await;
    done.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Vec::new();
    for (_, part) in done {
        all.extend(part?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_done_in_lanes_comes_out_in_order() {
        for length in [0, 1, 15, 16, 17, 100] {
            let items: Vec<usize> = (0..length).collect();
            let doubled = in_lanes(items, |part| async move {
                Ok(part.into_iter().map(|n| 2 * n).collect())
            });
            let expected: Vec<usize> = (0..length).map(|n| 2 * n).collect();
            assert_eq!(doubled.await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn one_bad_lane_fails_all() {
        let outcome = in_lanes(vec![1, 2, 3], |part| async move {
            anyhow::ensure!(!part.contains(&2), "two");
            Ok(part)
        });
        assert!(outcome.await.is_err());
    }
}
