//! One navigation of the browser: from the URL that a window is opened with, through redirects, to
//! its end.

use tokio::sync::mpsc;
use url::Url;

use super::page_loader::{NavigationInitiator, PageLoader, PageVisit, is_loopback};
use crate::scenario::model::CallbackMethod;
use crate::world::{ForgedResponse, SiteId};

/// How many redirects are followed in one navigation.
const MAX_REDIRECTS: usize = 20;
/// How often the browser tries to reach the client's listener.
const CALLBACK_ATTEMPTS: u32 = 40;

/// How the browser delivers a callback to the client.
pub(super) enum CallbackDelivery {
    /// It loads the client's redirect URI from the client's listener.
    Listener,
    /// It hands over the redirect URI through this channel.
    Channel(mpsc::UnboundedSender<String>),
}

/// An address outside the world that a server sent the browser to: an application with a scheme of
/// its own, or the site of a web application.
pub(super) struct OutsideAddress {
    pub(super) address: String,
    /// The authorization responses in the address, as indices of their events.
    pub(super) responses: Vec<usize>,
}

/// One navigation of the browser.
pub(super) struct Navigation {
    loader: PageLoader,
    delivery: CallbackDelivery,
    /// Authorization responses that are on their way to the client, as indices of their events.
    under_way: Vec<usize>,
    /// Responses that the world's script delivers after the next callback.
    after: Vec<ForgedResponse>,
    /// Whether a server of the world sent the browser to the current URL.
    from_server: bool,
}

impl Navigation {
    pub(super) fn new(loader: PageLoader, delivery: CallbackDelivery) -> Self {
        Self {
            loader,
            delivery,
            under_way: Vec::new(),
            after: Vec::new(),
            from_server: false,
        }
    }

    /// Follows redirects to their end, or until one leads out of the world.
    pub(super) async fn follow(mut self, first: &str) -> Option<OutsideAddress> {
        let mut url = Url::parse(first).ok()?;
        for _ in 0..MAX_REDIRECTS {
            let location = match self.loader.world.find_origin(&url) {
                Some(site) => self.visit_server(&site, &url).await,
                None if self.leads_outside(&url) => {
                    return Some(OutsideAddress {
                        address: url.into(),
                        responses: self.under_way,
                    });
                }
                None => self.visit_client(&url).await,
            };
            url = location.and_then(|location| url.join(&location).ok())?;
        }
        None
    }

    fn leads_outside(&self, url: &Url) -> bool {
        self.from_server && !is_loopback(url) && matches!(self.delivery, CallbackDelivery::Listener)
    }

    /// Loads a page of one of the world's servers, and returns the address that it redirects to.
    async fn visit_server(&mut self, site: &SiteId, url: &Url) -> Option<String> {
        let reply = self.loader.load_from_world(site, url, self.from_server);
        self.from_server = true;
        if reply.authorization_response {
            self.under_way.extend(reply.event);
        } else {
            self.loader.world.mark_delivered(reply.event.as_slice());
        }
        for forged in &reply.delivery.before {
            let visit = PageVisit::from_another_site(forged, CALLBACK_ATTEMPTS);
            self.deliver(&visit, &[forged.event]).await;
        }
        self.after.extend(reply.delivery.after.iter().cloned());
        if reply.delivery.instead {
            return None;
        }
        let location = reply.answer.header("location").map(str::to_owned);
        match location {
            Some(location) if !reply.delivery.cross.is_empty() => {
                let world = &self.loader.world;
                world
                    .cross_responses(&reply.party, &reply.delivery.cross, &location)
                    .await
            }
            other => other,
        }
    }

    /// Delivers a callback to the client, then what the world's script adds to it. Returns the
    /// address that the client's page redirects to.
    async fn visit_client(&mut self, url: &Url) -> Option<String> {
        self.from_server = false;
        let responses = std::mem::take(&mut self.under_way);
        let visit = PageVisit {
            address: url.as_str(),
            method: CallbackMethod::Get,
            initiator: NavigationInitiator::Window,
            attempts: CALLBACK_ATTEMPTS,
        };
        let location = self.deliver(&visit, &responses).await;
        for forged in std::mem::take(&mut self.after) {
            // if the listener is closed by now, the client has refused this response
            self.loader.world.mark_delivered(&[forged.event]);
            let visit = PageVisit::from_another_site(&forged, 1);
            self.deliver(&visit, &[forged.event]).await;
        }
        location
    }

    /// Brings authorization responses to the client. Returns the address that the client's page
    /// redirects to.
    async fn deliver(&self, visit: &PageVisit<'_>, responses: &[usize]) -> Option<String> {
        match &self.delivery {
            CallbackDelivery::Listener => self.loader.load_from_client(visit, responses).await,
            CallbackDelivery::Channel(callbacks) => {
                // recorded before it is sent: what the client does next comes after it
                if !callbacks.is_closed() {
                    self.loader.world.mark_delivered(responses);
                    let _ = callbacks.send(visit.address.to_owned());
                }
                None
            }
        }
    }
}
