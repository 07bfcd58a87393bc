//! The others, all of them or those found.

use domain::users::{DirectoryCursor, SearchTerm, User, UserId};
use domain::{ListLimit, Page};
use uuid::Uuid;

use crate::database::Database;
use crate::failure::Failure;
use crate::rows::{self, Row, user_columns};
use crate::search::end_of;

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", u.name_key FROM users u
    WHERE u.disabled_at IS NULL AND (u.name_key, u.id) > ($2, $3) AND u.id <> $1
    ORDER BY u.name_key, u.id
    LIMIT $4 + 0"
);

/// Only enabled users have search keys. The subquery keeps the first of a user's keys that match;
/// it is one step in an index for each row.
pub(crate) const SEARCH: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", k.key FROM user_search_keys k
    JOIN users u ON u.id = k.user_id
    WHERE (k.key, k.user_id) > ($2, $3) AND k.key < $5 AND k.user_id <> $1
        AND k.key = (SELECT min(f.key) FROM user_search_keys f
            WHERE f.user_id = k.user_id AND f.key >= $6)
    ORDER BY k.key, k.user_id
    LIMIT $4 + 0"
);

pub(super) async fn list_others(
    db: &Database,
    viewer: UserId,
    search: Option<SearchTerm>,
    after: Option<DirectoryCursor>,
    limit: ListLimit,
) -> Result<Page<User, DirectoryCursor>, Failure> {
    let viewer = viewer.0.into();
    let rows = (i64::from(limit.get()) + 1).into();
    // No key has a NUL, and PostgreSQL takes no text with one.
    let after = after.map(|at| (at.key.replace('\0', ""), at.id.0));
    let found = match search {
        None => {
            let (key, id) = after.unwrap_or_default();
            let values = [viewer, key.into(), id.into(), rows];
            db.all(LIST, values, listed).await?
        }
        Some(term) => {
            let start = (term.as_str().to_owned(), Uuid::nil());
            // No page begins before the term: a forged cursor would have it skip all between.
            let (key, id) = after.map_or(start.clone(), |at| at.max(start));
            let (end, term) = (end_of(&term).into(), term.as_str().into());
            let values = [viewer, key.into(), id.into(), rows, end, term];
            db.all(SEARCH, values, listed).await?
        }
    };
    let page = Page::from_rows(found, limit.get(), |(user, key)| DirectoryCursor {
        key: key.clone(),
        id: user.id,
    });
    Ok(Page {
        items: page.items.into_iter().map(|(user, _)| user).collect(),
        next: page.next,
    })
}

/// A user, and the key that they are listed under.
fn listed(row: &Row<'_>) -> Result<(User, String), Failure> {
    Ok((rows::user(row, 0)?, row.get(rows::USER)?))
}
