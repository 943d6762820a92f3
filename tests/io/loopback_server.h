// A web server on this machine alone, for one test: it gives what the test sets, or misbehaves.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cuttle::testing {

/// Answers each GET with the bytes set for its path, as they are (status line, header, body), and
/// closes the connection, or holds it; 404 for other paths.
class LoopbackServer {
 public:
  /// The same bytes always, or those that a function makes of the request.
  struct Answer {
    Answer(const char* bytes) : Answer(std::string(bytes)) {}  // NOLINT: so that lists are short
    Answer(std::string bytes)                                  // NOLINT
        : make([bytes = std::move(bytes)](const std::string&) { return bytes; }) {}
    Answer(std::function<std::string(const std::string&)> function, bool is_held = false)  // NOLINT
        : make(std::move(function)), held(is_held) {}

    std::function<std::string(const std::string&)> make;
    bool held = false;  // the connection stays open, and nothing more comes
  };

  explicit LoopbackServer(std::map<std::string, Answer> answers) : answers_(std::move(answers)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen on the loopback");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~LoopbackServer() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    ::close(socket_);
    for (const int connection : held_) ::close(connection);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int requests() const { return requests_; }

  /// A whole answer with status 200; `length` is what the header claims.
  static std::string ok(const std::string& body, size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) +
           "\r\nConnection: close\r\n\r\n" + body;
  }
  static std::string ok(const std::string& body) { return ok(body, body.size()); }
  static std::string redirect(const std::string& to) {
    return "HTTP/1.1 302 Found\r\nLocation: " + to +
           "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  }
  /// Status 206: `part` as what begins at byte `begin` of `total`.
  static std::string partial(const std::string& part, size_t begin, size_t total) {
    return "HTTP/1.1 206 Partial Content\r\nContent-Length: " + std::to_string(part.size()) +
           "\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
           std::to_string(begin + part.size() - 1) + "/" + std::to_string(total) +
           "\r\nConnection: close\r\n\r\n" + part;
  }
  /// The first byte that a request asks for.
  static size_t asked(const std::string& request) {
    const size_t range = request.find("Range: bytes=");
    return range == std::string::npos ? 0 : std::stoul(request.substr(range + 13));
  }

 private:
  void serve() {
    while (!stopping_) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) continue;
      if (answer(connection)) {
        held_.push_back(connection);
      } else {
        ::close(connection);
      }
    }
  }
  /// Whether the connection is to be held.
  bool answer(int connection) {
    std::string request;
    char piece[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(connection, piece, sizeof(piece), 0);
      if (got <= 0) return false;
      request.append(piece, static_cast<size_t>(got));
    }
    ++requests_;
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const auto found = answers_.find(path);
    const bool known = found != answers_.end();
    const std::string answer =
        known ? found->second.make(request) : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    for (size_t sent = 0; sent < answer.size();) {
      const ssize_t bytes =
          ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (bytes <= 0) return false;
      sent += static_cast<size_t>(bytes);
    }
    return known && found->second.held;
  }

  std::map<std::string, Answer> answers_;
  std::vector<int> held_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace cuttle::testing
