// socket.io: every reader joins one room, `emit` to the room. usage: node server.js PORT
const http = require('http')
const net = require('net')
const { Server } = require('socket.io')

const HTML =
  '<p>Refund bag order used return cable <strong>cheap ship</strong> cable deal box month price. ' +
  'See <a href="https://example.com/1" rel="nofollow ugc">ship cart</a> for <code>deal</code>.</p>' +
  '<ul><li>deal deal shoe price</li><li>box cheap month deal</li></ul>'
const port = Number(process.argv[2])
const server = http.createServer()
const io = new Server(server, { transports: ['websocket'] })
io.on('connection', (socket) => socket.join('thread.201'))

function post(number) {
  const at = String(process.hrtime.bigint()).padStart(19, '0')
  return {
    mark: `%%${at}${String(number).padStart(8, '0')}`,
    post_id: number,
    number: 10000 + number,
    author: { id: 7, name: 'user7', avatar: '/a/7.webp' },
    created: '2026-11-21T19:13:40Z',
    html: HTML,
    reply_count: number,
  }
}

const control = net.createServer((socket) => {
  let rest = ''
  socket.on('data', (data) => {
    const lines = (rest + data).split('\n')
    rest = lines.pop()
    for (const line of lines) io.to('thread.201').emit('post_created', post(Number(line)))
  })
})
control.listen({ port: port + 1, host: '127.0.0.1' })
server.listen({ port, host: '127.0.0.1', backlog: 4096 })
