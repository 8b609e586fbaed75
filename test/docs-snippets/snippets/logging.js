// Levels, names of levels, and a logger of one's own.
class MyLogger {
  lines = [];
  log(logLevel, message) {
    this.lines.push(`${logLevel}: ${message}`);
  }
}
const logger = new MyLogger();
new signalR.HubConnectionBuilder().withUrl("/chathub").configureLogging(signalR.LogLevel.Information).build();
new signalR.HubConnectionBuilder().withUrl("/chathub").configureLogging("warn").build();
new signalR.HubConnectionBuilder().withUrl("/chathub").configureLogging(signalR.NullLogger.instance).build();
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").configureLogging(logger).build();
await connection.start();
console.log(logger.lines.length > 0);
