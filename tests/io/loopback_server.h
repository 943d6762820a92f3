// A web server on this machine alone, for one test: it gives what the test sets, or misbehaves.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

namespace cuttle::testing {

/// Answers each GET with the bytes set for its path, as they are (status line, header, body), and
/// closes the connection; 404 for other paths.
class LoopbackServer {
 public:
  explicit LoopbackServer(std::map<std::string, std::string> answers)
      : answers_(std::move(answers)) {
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

 private:
  void serve() {
    while (!stopping_) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) continue;
      answer(connection);
      ::close(connection);
    }
  }
  void answer(int connection) {
    std::string request;
    char piece[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(connection, piece, sizeof(piece), 0);
      if (got <= 0) return;
      request.append(piece, static_cast<size_t>(got));
    }
    ++requests_;
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const auto found = answers_.find(path);
    const std::string answer = found != answers_.end()
                                   ? found->second
                                   : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    for (size_t sent = 0; sent < answer.size();) {
      const ssize_t bytes =
          ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (bytes <= 0) return;
      sent += static_cast<size_t>(bytes);
    }
  }

  std::map<std::string, std::string> answers_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace cuttle::testing
