// Readers of one room, and what they see: latency, the highest rate without loss, and what the server paid for it.
// One thread, one epoll; about 3 us of its core a message. `benchmarks/fanout/client.py` is the same in Python.
//
// A message carries `%%` and 27 digits: 19 of CLOCK_MONOTONIC in nanoseconds at its publication, 8 of its number.
// It is asked for by a line with the number, sent to the control port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NUMBERS = 1 << 20, ROOM = 64 << 10, WARM = 900000, FLAT = 100000, PORTS = 8, PIDS = 32 };
enum { PER_ADDRESS = 10, CONNECTING_AT_ONCE = 40, PING_SECONDS = 20, CONNECT_SECONDS = 90 };
enum { QUIET_SECONDS = 1 };  // after everybody has come in
#define SECOND 1000000000LL

typedef struct {
  int fd, open, ready, length;
  char *data;
} Reader;

static Reader *readers, control;
static int wanted = 500, ready, poller, ports[PORTS], port_count, control_port, pids[PIDS], pid_count;
static int socketio, window = 4, messages;
static double rate = 10, flat_seconds, listen_seconds;
static const char *stream = "";
static int64_t *published, *last_read, delivered;  // by number
static int *reads;
static float *latencies;
static int64_t latency_count, latency_room;
static int recording, counted_from, counted_to, flat_asked, flat_whole, flat_on;
static int64_t flat_deadline, next_ping;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "-");
  exit(1);
}

// --- What the processes cost ------------------------------------------------------------------------------------

static double own_cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double server_cpu(void) {
  double total = 0;
  for (int i = 0; i < pid_count; i++) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pids[i]);
    FILE *f = fopen(path, "r");
    if (!f) continue;
    line[fread(line, 1, sizeof line - 1, f)] = 0;
    fclose(f);
    long user, system;
    char *after = strrchr(line, ')');
    if (after && sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) == 2)
      total += (double)(user + system) / sysconf(_SC_CLK_TCK);
  }
  return total;
}

static double server_kib(void) {
  double total = 0;
  for (int i = 0; i < pid_count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pids[i]);
    FILE *f = fopen(path, "r");
    long kib;
    if (!f) continue;
    while (fgets(line, sizeof line, f))
      if (sscanf(line, "VmRSS: %ld", &kib) == 1) total += kib;
    fclose(f);
  }
  return total;
}

// Busy seconds of the core we run on: the generator's, the databases' and the publisher's together.
static double core_busy(void) {
  char name[16], line[512];
  double busy = 0;
  snprintf(name, sizeof name, "cpu%d ", sched_getcpu());
  FILE *f = fopen("/proc/stat", "r");
  if (!f) return 0;
  while (fgets(line, sizeof line, f)) {
    long user, nice, system, idle, wait, irq, soft;
    if (strncmp(line, name, strlen(name))) continue;
    if (sscanf(line + strlen(name), "%ld %ld %ld %ld %ld %ld %ld", &user, &nice, &system, &idle, &wait, &irq, &soft) == 7)
      busy = (double)(user + nice + system + irq + soft) / sysconf(_SC_CLK_TCK);
  }
  fclose(f);
  return busy;
}

typedef struct {
  int64_t at;
  double own, server, core;
} Meter;

static Meter meter(void) { return (Meter){now(), own_cpu(), server_cpu(), core_busy()}; }

// Everything since `from`, as members of a JSON object; returns the seconds.
static double say_cost(const char *phase, Meter from) {
  Meter to = meter();
  double seconds = (to.at - from.at) / 1e9, server = to.server - from.server;
  printf(", \"%s_seconds\": %.2f, \"%s_client_cpu\": %.3f, \"%s_core_busy\": %.3f, \"%s_server_cpu\": %.3f, \"%s_us\": %.2f", phase, seconds,
         phase, (to.own - from.own) / seconds, phase, (to.core - from.core) / seconds, phase, server / seconds, phase,
         server / (delivered ? delivered : 1) * 1e6);
  return seconds;
}

// --- WebSocket, the little that is needed -----------------------------------------------------------------------

static void say(int fd, const char *text) {
  char frame[512];
  int n = strlen(text), head = n < 126 ? 2 : 4;
  frame[0] = (char)0x81;
  if (n < 126) frame[1] = (char)(0x80 | n);
  else frame[1] = (char)(0x80 | 126), frame[2] = (char)(n >> 8), frame[3] = (char)n;
  memset(frame + head, 0, 4);  // a mask of zeros
  memcpy(frame + head + 4, text, n);
  if (write(fd, frame, head + 4 + n) != head + 4 + n) die("write");
}

static void ask(int number) {
  char line[16];
  int n = sprintf(line, "%d\n", number);
  if (write(control.fd, line, n) != n) die("control");
}

// Readers come from many addresses of the loopback network: the site allows few sockets to one address.
static int dial(int port, int source) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
  from.sin_addr.s_addr = htonl(0x7f000001 + (source + source / 250 * 6));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (source && bind(fd, (void *)&from, sizeof from)) die("bind");
  if (connect(fd, (void *)&to, sizeof to)) die("connect");
  return fd;
}

static void knock(Reader *r, int index) {
  int port = ports[index % port_count];
  const char *path = socketio ? "/socket.io/?EIO=4&transport=websocket" : "/live/ws?lang=en";
  char request[512];
  r->fd = dial(port, 1 + index / PER_ADDRESS);
  r->data = malloc(ROOM);
  int n = snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                   path, port, ports[0]);
  if (write(r->fd, request, n) != n) die("write");
  struct epoll_event e = {EPOLLIN, {.ptr = r}};
  epoll_ctl(poller, EPOLL_CTL_ADD, r->fd, &e);
}

static void is_ready(Reader *r) {
  if (!r->ready) r->ready = 1, ready++;
}

static void handshake_done(Reader *r) {
  char words[256];
  r->open = 1;
  if (socketio) return;
  if (!*stream) {
    is_ready(r);
    return;
  }
  snprintf(words, sizeof words, "{\"type\":\"subscribe\",\"streams\":{\"%s\":null}}", stream);
  say(r->fd, words);
}

// Everything that is no message: socket.io's greetings and pings; our own "subscribed", beats, presence, pongs.
static void other(Reader *r, const char *d, int n) {
  if (socketio) {
    if (d[0] == '0') say(r->fd, "40");
    else if (n > 1 && d[0] == '4' && d[1] == '0') is_ready(r);
    else if (n == 1 && d[0] == '2') say(r->fd, "3");
  } else if (*stream && memmem(d, n, "\"denied\"", 8)) {
    die("the stream was denied");
  } else if (*stream && memmem(d, n, "\"subscribed\"", 12)) {
    is_ready(r);
  }
}

static int64_t digits(const char *d, int n) {
  int64_t value = 0;
  while (n--) value = value * 10 + (*d++ - '0');
  return value;
}

static void text(Reader *r, const char *d, int n) {
  const char *mark = memmem(d, n, "%%", 2);
  if (!mark || d + n - mark < 29) {
    other(r, d, n);
    return;
  }
  int64_t at = digits(mark + 2, 19), read_at = now(), number = digits(mark + 21, 8);
  if (number < 0 || number >= NUMBERS) return;
  published[number] = at;
  last_read[number] = read_at;
  // A server that fell behind still delivers what an earlier phase asked for.
  delivered += number >= counted_from && number < counted_to;
  int readers_of_it = ++reads[number];
  if (recording && number < counted_to && latency_count < latency_room) latencies[latency_count++] = (read_at - at) / 1e6f;
  if (!flat_on || number < FLAT || number >= WARM || readers_of_it != wanted) return;
  flat_whole++;
  if (read_at < flat_deadline) ask(FLAT + flat_asked++);
}

// One frame at `offset`; returns its whole length, 0 when more bytes are needed.
static int frame(Reader *r, int offset) {
  const unsigned char *b = (const unsigned char *)r->data + offset;
  int left = r->length - offset, n, head = 2;
  if (left < 2) return 0;
  n = b[1] & 127;
  if (n == 127) die("a frame of more than 64 KiB");
  if (n == 126) {
    if (left < 4) return 0;
    n = b[2] << 8 | b[3];
    head = 4;
  }
  if (left < head + n) return 0;
  if ((b[0] & 15) == 1) text(r, (const char *)b + head, n);
  if ((b[0] & 15) == 8) {
    errno = 0;
    fprintf(stderr, "closed with %d\n", n >= 2 ? b[head] << 8 | b[head + 1] : 0);
    die("the server closed a reader");
  }
  if ((b[0] & 15) == 9) {
    char pong[140] = {(char)0x8a, (char)(0x80 | n)};
    memcpy(pong + 6, b + head, n);
    if (write(r->fd, pong, 6 + n) < 0) die("pong");
  }
  return head + n;
}

static void take(Reader *r) {
  for (int full = 1; full;) {
    ssize_t k = recv(r->fd, r->data + r->length, ROOM - r->length, MSG_DONTWAIT);
    if (k < 0 && errno == EAGAIN) return;
    if (k <= 0) die("the server hung up");
    r->length += k;
    full = r->length == ROOM;
    int offset = 0, n;
    if (!r->open) {
      char *end = memmem(r->data, r->length, "\r\n\r\n", 4);
      if (!end) return;
      if (memcmp(r->data, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "%.300s\n", r->data);
        die("handshake");
      }
      offset = end + 4 - r->data;
      handshake_done(r);
    }
    while ((n = frame(r, offset))) offset += n;
    memmove(r->data, r->data + offset, r->length - offset);
    r->length -= offset;
  }
}

// --- Phases (numbers of messages tell them apart) -----------------------------------------------------------------------------------------------------

// Each in its turn, as pages do that were not opened in the same instant.
static void ping_next(void) {
  static int who;
  say(readers[who].fd, "{\"type\":\"ping\"}");
  who = (who + 1) % wanted;
  next_ping += PING_SECONDS * SECOND / wanted;
}

static void pump(int64_t until) {
  struct epoll_event events[512];
  for (;;) {
    int64_t left = until - now();
    if (left <= 0) return;
    int n = epoll_wait(poller, events, 512, (int)((left + 999999) / 1000000));
    for (int i = 0; i < n; i++) take(events[i].data.ptr);
    while (next_ping && now() > next_ping) ping_next();
    if (flat_on && flat_whole == flat_asked && now() >= flat_deadline) return;
  }
}

static void connect_all(void) {
  int64_t end = now() + CONNECT_SECONDS * SECOND;
  for (int i = 0; i < wanted; i++) {
    knock(&readers[i], i);
    while (i - ready > CONNECTING_AT_ONCE && now() < end) pump(now() + SECOND / 1000);
  }
  while (ready < wanted && now() < end) pump(now() + SECOND / 1000);
  errno = 0;
  if (ready < wanted) die("not every reader came in");
  if (*stream) next_ping = now();
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double percentile(const float *sorted, int64_t n, double share) {
  if (!n) return -1;
  int64_t rank = ceil(share * n) - 1;
  return sorted[rank < 0 ? 0 : rank >= n ? n - 1 : rank];
}

static void say_latency(int first, int end) {
  float *last = malloc((end - first + 1) * sizeof *last);
  int whole = 0, begun = 0;
  for (int i = first; i < end; i++) {
    begun += reads[i] > 0;
    if (reads[i] == wanted) last[whole++] = (last_read[i] - published[i]) / 1e6f;
  }
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  qsort(last, whole, sizeof *last, by_size);
  printf(", \"seen\": %d, \"whole\": %d, \"p50\": %.2f, \"p99\": %.2f, \"last_p50\": %.2f, \"last_p99\": %.2f", begun, whole,
         percentile(latencies, latency_count, .5), percentile(latencies, latency_count, .99), percentile(last, whole, .5),
         percentile(last, whole, .99));
  free(last);
}

static void count(int from, int to) {
  delivered = latency_count = 0;
  counted_from = from;
  counted_to = to;
}

static void steady(void) {
  count(0, messages);
  recording = 1;
  Meter from = meter();
  for (int i = 0; i < messages; i++) {
    pump(from.at + (int64_t)(i / rate * 1e9));
    ask(i);
  }
  for (int i = 0; i < 100 && delivered < (int64_t)wanted * messages; i++) pump(now() + SECOND / 10);
  recording = 0;
  say_latency(0, messages);
  printf(", \"lost\": %ld", (long)((int64_t)wanted * messages - delivered));
  say_cost("steady", from);
}

static void flat_out(void) {
  count(FLAT, WARM);
  Meter from = meter();
  flat_deadline = from.at + (int64_t)(flat_seconds * 1e9);
  flat_on = 1;
  for (int i = 0; i < window; i++) ask(FLAT + flat_asked++);
  pump(flat_deadline + 20 * SECOND);
  flat_on = 0;
  double seconds = say_cost("flat", from);
  printf(", \"flat_rate\": %.0f, \"flat_messages\": %d, \"flat_lost\": %ld", delivered / seconds, flat_asked,
         (long)((int64_t)flat_asked * wanted - delivered));
}

// Somebody else publishes; the numbers are theirs, counted from 0.
static void listening(void) {
  printf("ready\n");
  fflush(stdout);
  count(0, FLAT);
  recording = 1;
  Meter from = meter();
  pump(from.at + (int64_t)(listen_seconds * 1e9));
  printf("{\"readers\": %d", wanted);
  say_latency(0, FLAT);
  say_cost("steady", from);
}

static void options(int count, char **words) {
  int o;
  while ((o = getopt(count, words, "n:p:c:m:r:f:w:l:S:sP:")) != -1) switch (o) {
      case 'n': wanted = atoi(optarg); break;
      case 'p': if (port_count < PORTS) ports[port_count++] = atoi(optarg); break;
      case 'c': control_port = atoi(optarg); break;
      case 'm': messages = atoi(optarg); break;
      case 'r': rate = atof(optarg); break;
      case 'f': flat_seconds = atof(optarg); break;
      case 'w': window = atoi(optarg); break;
      case 'l': listen_seconds = atof(optarg); break;
      case 'S': stream = optarg; break;
      case 's': socketio = 1; break;
      case 'P': if (pid_count < PIDS) pids[pid_count++] = atoi(optarg); break;
      default: exit(2);
    }
}

int main(int count, char **words) {
  options(count, words);
  readers = calloc(wanted, sizeof *readers);
  published = calloc(NUMBERS, sizeof *published);
  last_read = calloc(NUMBERS, sizeof *last_read);
  reads = calloc(NUMBERS, sizeof *reads);
  latency_room = (int64_t)wanted * (listen_seconds ? 20000 : messages + 1);
  latencies = malloc(latency_room * sizeof *latencies);
  poller = epoll_create1(0);
  double kib = server_kib();
  connect_all();
  pump(now() + QUIET_SECONDS * SECOND);
  double each = (server_kib() - kib) / wanted;
  if (listen_seconds) {
    listening();
  } else {
    control.fd = dial(control_port, 0);
    for (int i = 0; i < 5; i++) ask(WARM + i), pump(now() + SECOND / 10);
    pump(now() + SECOND / 2);
    printf("{\"readers\": %d", wanted);
    if (messages) steady();
    if (flat_seconds) flat_out();
  }
  printf(", \"kib_each\": %.1f}\n", each);
  fflush(stdout);
  _exit(0);
}
