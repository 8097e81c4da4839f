/** At the port that the first argument names, and says so. */
export function listen(server, host = '127.0.0.1') {
  server.listen(Number(process.argv[2]), host, () => process.stdout.write('listening\n'))
}

/** A socket that breaks without a listener ends the process. */
export function ignoreErrors(socket) {
  socket.on('error', () => socket.destroy())
}
