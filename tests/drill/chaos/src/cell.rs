//! A cell of the matrix: one call of one move, failing in one way.

use crate::fault::Chaos;
use crate::matrix::{ROWS, Row};
use crate::scene::Scene;

/// What is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) scene: Scene,
    /// Which call fails and how; none of an undisturbed move.
    pub(crate) disturbed: Option<(&'static Row, Chaos)>,
}

impl Cell {
    /// Its name, by which it can be played again.
    pub(crate) fn name(&self) -> String {
        match self.disturbed {
            Some((row, chaos)) => format!("{}/{}/{}", self.scene.name(), row.call.name(), chaos.name()),
            None => format!("{}/undisturbed", self.scene.name()),
        }
    }

    /// How it fails.
    pub(crate) fn chaos(&self) -> Option<Chaos> {
        self.disturbed.map(|(_, chaos)| chaos)
    }

    /// All of them: of each move first the undisturbed one, then row by row.
    pub(crate) fn all() -> Vec<Self> {
        let undisturbed = Scene::ALL.map(|scene| Self { scene, disturbed: None });
        let faults = |row: &'static Row| Chaos::ALL.into_iter().map(move |chaos| (row, chaos));
        let disturbed = ROWS.iter().flat_map(faults).filter(|(row, chaos)| row.can_be(*chaos));
        let disturbed =
            disturbed.map(|(row, chaos)| Self { scene: row.scene, disturbed: Some((row, chaos)) });
        undisturbed.into_iter().chain(disturbed).collect()
    }

    /// The undisturbed moves and a fifth of the others: five days after each other play all of them.
    pub(crate) fn fifth(day: usize) -> Vec<Self> {
        let of_the_day =
            |(index, cell): &(usize, Self)| cell.disturbed.is_none() || (index + day).is_multiple_of(5);
        Self::all().into_iter().enumerate().filter(of_the_day).map(|(_, cell)| cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn five_days_play_all_cells_and_each_has_a_name_of_its_own() {
        let names = |cells: Vec<Cell>| cells.iter().map(Cell::name).collect::<BTreeSet<_>>();
        let all = names(Cell::all());
        assert_eq!(all.len(), Cell::all().len());
        let days: Vec<_> = (0..5).map(|day| names(Cell::fifth(2_461_372 + day))).collect();
        assert_eq!(days.iter().flatten().cloned().collect::<BTreeSet<_>>(), all);
        assert!(days.iter().all(|day| day.len() < all.len() / 4), "a fifth is a fifth");
        assert_eq!(days[0], names(Cell::fifth(2_461_372)), "the same day draws the same");
    }
}
