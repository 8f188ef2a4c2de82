//! A listener whose connections let the browser close first.

use axum::serve::Listener;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How long a connection waits for the browser to close it.
const LONGEST_LINGER: Duration = Duration::from_millis(250);

/// A listener whose connections let the browser close first.
///
/// Whoever closes a TCP connection first keeps its port in the state `TIME_WAIT` for a minute. If
/// that was the callback server, thousands of runs in one process would run out of ports that the
/// system can assign to new listeners.
pub(super) struct LingeringListener(TcpListener);

impl LingeringListener {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self(listener)
    }
}

impl Listener for LingeringListener {
    type Io = LingeringStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LingeringStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let linger = None;
        (LingeringStream { stream, linger }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that waits for the browser to close it before it shuts down.
pub(super) struct LingeringStream {
    stream: TcpStream,
    /// Set once the server wants to shut down.
    linger: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for LingeringStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for LingeringStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let linger = this
            .linger
            .get_or_insert_with(|| Box::pin(sleep(LONGEST_LINGER)));
        if linger.as_mut().poll(context).is_pending() {
            let mut byte = [0_u8; 1];
            let mut buffer = ReadBuf::new(&mut byte);
            // The end of the stream, an error and unexpected data all end the wait.
            let _ = ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer));
        }
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}
