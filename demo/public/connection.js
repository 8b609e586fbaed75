// The page's one connection to the hub, from the global that the script tag has set.

const FIRST_DELAY_MS = 1_200;
const LONGEST_DELAY_MS = 10_000;

/** At once would be better for users, but here people want to see it. It never gives up. */
function delayMs(failures) {
  return Math.min(FIRST_DELAY_MS * 1.6 ** failures, LONGEST_DELAY_MS);
}

/** Makes the connection; it is not started yet. */
export function createConnection() {
  return new signalR.HubConnectionBuilder()
    .withUrl("room")
    .withAutomaticReconnect({
      nextRetryDelayInMilliseconds: ({ previousRetryCount }) => delayMs(previousRetryCount),
    })
    .configureLogging(signalR.LogLevel.Error)
    .build();
}

/** Starts the connection, again and again if need be, and calls `begin` each time there is a new one. */
export function stayConnected(connection, begin) {
  const beginWith = () =>
    begin().catch((error) => {
      // If the connection was lost meanwhile, it is being made again, and so is this.
      if (connection.state === signalR.HubConnectionState.Connected) console.error(error);
    });
  const start = async (failures = 0) => {
    try {
      await connection.start();
      await beginWith();
    } catch {
      setTimeout(start, delayMs(failures), failures + 1);
    }
  };
  connection.onreconnected(beginWith);
  connection.onclose(() => setTimeout(start, FIRST_DELAY_MS));
  void start();
}
