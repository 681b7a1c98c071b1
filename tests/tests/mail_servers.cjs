// A mail server as providers have them: TLS, and a user and password. Arguments: folder, port, how.
//   tls         encrypted from the start
//   starttls    the client asks for encryption
//   plain       knows no encryption
// The password is in the file `password`, the certificate in `cert.pem` and `key.pem`; mails become files `<n>.eml`, and
// every connection a line of the log.
const fs = require('node:fs');
const path = require('node:path');
const { SMTPServer } = require('smtp-server');

const [folder, port, how] = process.argv.slice(2);
const file = (name) => path.join(folder, name);
let mails = 0;

const server = new SMTPServer({
  secure: how === 'tls',
  hideSTARTTLS: how === 'plain',
  disabledCommands: how === 'plain' ? ['STARTTLS'] : [],
  allowInsecureAuth: how === 'plain',
  key: fs.readFileSync(file('key.pem')),
  cert: fs.readFileSync(file('cert.pem')),
  onConnect(session, done) {
    console.log('connected');
    done();
  },
  onAuth(given, session, done) {
    const fits = given.username === 'house@example.org' && given.password === fs.readFileSync(file('password'), 'utf8');
    done(fits ? null : new Error('wrong user or password'), { user: given.username });
  },
  // `reply-504@…` is refused with that reply.
  onRcptTo(address, session, done) {
    const code = /^reply-(\d+)@/.exec(address.address);
    done(code ? Object.assign(new Error('no such recipient here'), { responseCode: Number(code[1]) }) : null);
  },
  onData(stream, session, done) {
    const name = `${++mails}.eml`;
    stream.pipe(fs.createWriteStream(file(`${name}.part`))).on('finish', () => {
      fs.renameSync(file(`${name}.part`), file(name));
      console.log(`took ${name}, ${session.secure ? 'encrypted' : 'in plain text'}`);
      done();
    });
  },
});
server.on('error', (error) => console.log(`error: ${error.message}`));
server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
