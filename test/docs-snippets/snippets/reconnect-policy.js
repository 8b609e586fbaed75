// A policy of one's own.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .withAutomaticReconnect({
    nextRetryDelayInMilliseconds: (retryContext) => {
      if (retryContext.elapsedMilliseconds < 60000) {
        // For the first minute: soon, but not all at once.
        console.log(
          `Attempt ${retryContext.previousRetryCount}, because of ${retryContext.retryReason instanceof Error}`,
        );
        return Math.random() * 10;
      } else {
        // After that no more.
        return null;
      }
    },
  })
  .build();

connection.onreconnected(() => console.log("Reconnected."));
await connection.start();
connection.send("DropMe");
