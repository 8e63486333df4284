/*
 * tunloop NAME WARMUP COUNT: the plainest loop over a TUN device, in C: reads an IPv4 packet, exchanges its addresses,
 * writes it back. Prints the packets per second of COUNT packets, after WARMUP others, and microseconds of CPU for each.
 */
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_tun(const char *name)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        fail("/dev/net/tun");
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0)
        fail("TUNSETIFF");
    return fd;
}

static void echo(int fd, long count)
{
    static unsigned char packet[65535];
    while (count-- > 0) {
        unsigned char source[4];
        ssize_t length = read(fd, packet, sizeof packet);
        if (length < 20)
            fail("read");
        memcpy(source, packet + 12, 4);
        memcpy(packet + 12, packet + 16, 4);
        memcpy(packet + 16, source, 4);
        if (write(fd, packet, length) != length)
            fail("write");
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "Usage: tunloop NAME WARMUP COUNT\n");
        return 2;
    }
    int fd = open_tun(argv[1]);
    long count = atol(argv[3]);
    echo(fd, atol(argv[2]));
    double start = now(CLOCK_MONOTONIC), worked = now(CLOCK_PROCESS_CPUTIME_ID);
    echo(fd, count);
    printf("{\"rate\": %.0f, \"cpu\": %.4f}\n", count / (now(CLOCK_MONOTONIC) - start),
           (now(CLOCK_PROCESS_CPUTIME_ID) - worked) / count * 1e6);
    return 0;
}
