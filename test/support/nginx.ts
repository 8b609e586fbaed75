/** A real nginx in front of a hub server. */
import { StartedProgram } from "./started-program.js";

/** The body of `location /` that forgets everything about hubs: what a page on nginx shows first. */
export const DEFAULT_SETTINGS = "";

/** What docs/node.md and the documentation of SignalR say. */
export const HUB_SETTINGS = `
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Host $host;
  proxy_buffering off;
  proxy_read_timeout 100s;
`;

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/**
 * Starts nginx on a free port of the loopback address.
 * @param target The origin behind it; may use variables.
 * @param settings What its location says beside that.
 * @param more What stands beside its server.
 */
export function startNginx(target: string, settings: string, more = ""): Promise<StartedProgram> {
  return StartedProgram.start({
    requirement: "nginx",
    ready: /nginx\/\d/,
    arguments: (folder, file) => ["-e", "stderr", "-p", folder, "-c", file],
    configuration: (port) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 200; }
http {
  access_log off;
  ${TEMPORARY.map((name) => `${name}_temp_path ${name};`).join(" ")}
  map $http_connection $connection_upgrade { "~*Upgrade" $http_connection; default keep-alive; }
  ${more}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${target};
      ${settings}
    }
  }
}
`,
  });
}
