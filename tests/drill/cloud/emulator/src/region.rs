//! The two Regions of the drill, and a value for each.

use std::fmt;

/// A Region of the drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// `ap-northeast-2`.
    Seoul,
    /// `ap-northeast-3`.
    Osaka,
}

impl Region {
    /// Both, Seoul first.
    pub const ALL: [Self; 2] = [Self::Seoul, Self::Osaka];

    /// AWS's name of it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Seoul => "ap-northeast-2",
            Self::Osaka => "ap-northeast-3",
        }
    }

    /// The city, for people.
    pub const fn city(self) -> &'static str {
        match self {
            Self::Seoul => "Seoul",
            Self::Osaka => "Osaka",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Seoul => Self::Osaka,
            Self::Osaka => Self::Seoul,
        }
    }

    /// The Region of that AWS name; `None` when it is neither of the two.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.id() == id)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// One value for each Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair<T> {
    /// Seoul's.
    pub seoul: T,
    /// Osaka's.
    pub osaka: T,
}

impl<T> Pair<T> {
    /// Makes each Region's value.
    pub fn each(mut make: impl FnMut(Region) -> T) -> Self {
        Self { seoul: make(Region::Seoul), osaka: make(Region::Osaka) }
    }

    /// That Region's value.
    pub const fn get(&self, region: Region) -> &T {
        match region {
            Region::Seoul => &self.seoul,
            Region::Osaka => &self.osaka,
        }
    }

    /// That Region's value, to change.
    pub const fn get_mut(&mut self, region: Region) -> &mut T {
        match region {
            Region::Seoul => &mut self.seoul,
            Region::Osaka => &mut self.osaka,
        }
    }
}
