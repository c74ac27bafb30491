//! A change of one gallery: a transaction, the numbers that it takes, and what it notes in the log.

use postgres::types::ToSql;
use postgres::{Client, GenericClient, Row, Statement, ToStatement, Transaction};
use uuid::Uuid;

use super::failure::Failure;
use crate::error::Error;
use crate::records::{ChangeKind, LastNumbers};
use crate::store::row::to_json;

/// A change that has begun.
///
/// It holds the row of its gallery until it ends, so one change follows the other, and numbers, those of the log too, are
/// committed in their order. Whoever has read the log up to a number will never find an earlier one that is new. A sequence would
/// not do: its numbers are drawn before the commit, and commits overtake each other.
pub(super) struct Change<'a> {
    transaction: Transaction<'a>,
    pub(super) gallery: i64,
    /// The last numbers given out; whoever gives out more raises them.
    pub(super) last: LastNumbers,
    before: LastNumbers,
    last_change: i64,
    log: Vec<(ChangeKind, u64, i64)>,
}

impl<'a> Change<'a> {
    /// Waits for the change before this one. [`Error::Unknown`] if the gallery has been deleted.
    pub(super) fn begin(client: &'a mut Client, gallery: i64) -> Result<Self, Failure> {
        let mut transaction = client.transaction()?;
        let held = transaction.query_opt(
            "SELECT last_person, last_template, last_generation, last_change FROM gallery WHERE id = $1 FOR NO KEY UPDATE",
            &[&gallery],
        )?;
        let held =
            held.ok_or_else(|| unknown("row of its own in the database, number", gallery))?;
        let last = LastNumbers {
            person: unsigned(&held, 0)?,
            template: unsigned(&held, 1)?,
            generation: unsigned(&held, 2)?,
        };
        Ok(Self {
            transaction,
            gallery,
            last,
            before: last,
            last_change: held.try_get(3)?,
            log: Vec::new(),
        })
    }

    /// In a transaction that makes the gallery, which nobody else sees yet.
    pub(super) fn of_new(transaction: Transaction<'a>, gallery: i64) -> Self {
        Self {
            transaction,
            gallery,
            last: LastNumbers::default(),
            before: LastNumbers::default(),
            last_change: 0,
            log: Vec::new(),
        }
    }

    pub(super) fn log(&mut self, kind: ChangeKind, subject: u64, at_ms: i64) {
        self.log.push((kind, subject, at_ms));
    }

    /// Whether a call with this token has changed the gallery.
    pub(super) fn was_made(&mut self, token: Uuid) -> Result<bool, Failure> {
        let made = self.query(
            "SELECT 1 FROM change_log WHERE gallery = $1 AND token = $2 LIMIT 1",
            &[&token],
        )?;
        Ok(!made.is_empty())
    }

    /// Writes the numbers and the log, and tells all who listen.
    pub(super) fn write_log(&mut self, token: Uuid) -> Result<(), Failure> {
        if self.log.is_empty() && self.last == self.before {
            return Ok(());
        }
        let mut kinds = Vec::with_capacity(self.log.len());
        for (kind, ..) in &self.log {
            kinds.push(to_json(kind)?);
        }
        let subjects: Vec<i64> = self
            .log
            .iter()
            .map(|&(_, subject, _)| signed(subject))
            .collect();
        let before = self.last_change;
        let times: Vec<i64> = self.log.iter().map(|&(.., at_ms)| at_ms).collect();
        self.execute(
            "INSERT INTO change_log (gallery, sequence, kind, subject, at_ms, token) \
             SELECT $1, $2 + place, kind, subject, at_ms, $6 \
             FROM unnest($3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS made (kind, subject, at_ms, place)",
            &[&before, &kinds, &subjects, &times, &token],
        )?;
        let last_change = self.last_change + self.log.len() as i64;
        let [person, template, generation] =
            [self.last.person, self.last.template, self.last.generation].map(signed);
        self.execute(
            "UPDATE gallery SET last_person = $2, last_template = $3, last_generation = $4, last_change = $5 WHERE id = $1",
            &[&person, &template, &generation, &last_change],
        )?;
        let told = super::watch::channel(self.gallery);
        self.transaction
            .execute("SELECT pg_notify($1, '')", &[&told])?;
        Ok(())
    }

    pub(super) fn commit(self) -> Result<(), postgres::Error> {
        self.transaction.commit()
    }

    /// For reading within the change.
    pub(super) fn client(&mut self) -> &mut impl GenericClient {
        &mut self.transaction
    }

    pub(super) fn transaction(&mut self) -> &mut Transaction<'a> {
        &mut self.transaction
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<Statement, Failure> {
        Ok(self.transaction.prepare(sql)?)
    }

    /// Changes rows of the gallery, whose number is `$1`; `values` are `$2` and so on. Returns how many rows were changed.
    pub(super) fn execute<T: ?Sized + ToStatement>(
        &mut self,
        statement: &T,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Failure> {
        let values = of_gallery(&self.gallery, values);
        Ok(self.transaction.execute(statement, &values)?)
    }

    /// Reads rows of the gallery, with values as in [`Self::execute`].
    pub(super) fn query<T: ?Sized + ToStatement>(
        &mut self,
        statement: &T,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Failure> {
        let values = of_gallery(&self.gallery, values);
        Ok(self.transaction.query(statement, &values)?)
    }
}

type Values<'a> = Vec<&'a (dyn ToSql + Sync)>;

fn of_gallery<'a>(gallery: &'a i64, values: &[&'a (dyn ToSql + Sync)]) -> Values<'a> {
    let mut all: Values<'a> = vec![gallery];
    all.extend(values);
    all
}

/// A number as the database keeps it. Those beyond its range are of nothing, as negative ones are.
pub(super) fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// A number of a row.
pub(super) fn unsigned(row: &Row, column: usize) -> Result<u64, Failure> {
    Ok(row.try_get::<_, i64>(column)?.cast_unsigned())
}

/// Says which number a table lacks.
pub(super) fn unknown(what: &'static str, which: impl ToString) -> Failure {
    Error::Unknown {
        what,
        which: which.to_string(),
    }
    .into()
}

/// Refuses text that PostgreSQL cannot keep.
pub(super) fn check_text(argument: &'static str, text: &str) -> Result<(), Error> {
    if text.contains('\0') {
        return Err(Error::Argument {
            argument,
            expected: "text without the character U+0000, which PostgreSQL cannot keep",
            found: format!("{text:?}"),
        });
    }
    Ok(())
}
