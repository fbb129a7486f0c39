/* A library with the SDT calls whose reader is the twin behind "<this library>.reader".

   It does what a maker's library does: builds requests, sends them, takes replies apart. Built by
   twin.py; needs nothing but the C library. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT_FAILED = 0x01, TIMED_OUT = 0x02, UNKNOWN_ERROR = 0x24, OK = 0x90, FOUND = 0x9F };
enum { TEXT_SIZE = 256, PHOTO_SIZE = 1024, ADDRESS_SIZE = 70 };

static int reader = -1;

int SDT_ClosePort(int port)
{
    (void)port;
    if (reader >= 0)
        close(reader);
    reader = -1;
    return OK;
}

int SDT_OpenPort(int port)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_usec = 700000};
    Dl_info self;

    SDT_ClosePort(port);
    if (!dladdr((void *)&SDT_OpenPort, &self))
        return PORT_FAILED;
    snprintf(address.sun_path, sizeof address.sun_path, "%s.reader", self.dli_fname);
    reader = socket(AF_UNIX, SOCK_STREAM, 0);
    setsockopt(reader, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (reader < 0 || connect(reader, (struct sockaddr *)&address, sizeof address) != 0) {
        SDT_ClosePort(port);
        return PORT_FAILED;
    }
    return OK;
}

/* 0, or what to tell the caller */
static int take(unsigned char *into, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(reader, into, size, 0);
        if (got == 0)
            return PORT_FAILED;
        if (got < 0)
            return TIMED_OUT;
        into += got;
        size -= (size_t)got;
    }
    return 0;
}

/* The status byte; data and its size for the two that carry some. */
static int ask(unsigned char command, unsigned char parameter, unsigned char *data, unsigned *size)
{
    unsigned char request[10] = {0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 3, command, parameter};
    unsigned char stale[4096], reply[4096], check = 0;
    int trouble;

    request[9] = (unsigned char)(3 ^ command ^ parameter);
    while (recv(reader, stale, sizeof stale, MSG_DONTWAIT) > 0)
        continue;
    if (send(reader, request, sizeof request, MSG_NOSIGNAL) != (ssize_t)sizeof request)
        return PORT_FAILED;
    if ((trouble = take(reply, 7)) != 0)
        return trouble;
    unsigned length = (unsigned)reply[5] << 8 | reply[6];
    if (memcmp(reply, request, 5) != 0 || length < 4 || length > sizeof reply - 7)
        return UNKNOWN_ERROR;
    if ((trouble = take(reply + 7, length)) != 0)
        return trouble;
    for (unsigned i = 5; i < 7 + length; i++)
        check ^= reply[i];
    if (check != 0)
        return UNKNOWN_ERROR;
    *size = length - 4;
    memcpy(data, reply + 10, *size);
    return reply[9];
}

static int ask_plain(unsigned char command, unsigned char parameter)
{
    unsigned char data[4096];
    unsigned size;
    return ask(command, parameter, data, &size);
}

int SDT_ResetSAM(int port, int open)
{
    (void)port, (void)open;
    return ask_plain(0x10, 0xFF);
}

int SDT_GetSAMStatus(int port, int open)
{
    (void)port, (void)open;
    return ask_plain(0x11, 0xFF);
}

int SDT_GetSAMIDToStr(int port, char *text, int open)
{
    unsigned char id[4096];
    unsigned size, words[4], halves[2];
    int status = ask(0x12, 0xFF, id, &size);

    (void)port, (void)open;
    if (status != OK || size != 16)
        return status == OK ? UNKNOWN_ERROR : status;
    halves[0] = id[0] | (unsigned)id[1] << 8;
    halves[1] = id[2] | (unsigned)id[3] << 8;
    for (int i = 1; i < 4; i++)
        words[i] = id[4 * i] | (unsigned)id[4 * i + 1] << 8 | (unsigned)id[4 * i + 2] << 16 |
                   (unsigned)id[4 * i + 3] << 24;
    snprintf(text, 46, "%02u.%02u-%08u-%010u-%010u", halves[0], halves[1], words[1], words[2],
             words[3]);
    return status;
}

static int ask_for(unsigned char command, unsigned char parameter, unsigned char *into,
                   unsigned wanted, int success)
{
    unsigned char data[4096];
    unsigned size;
    int status = ask(command, parameter, data, &size);

    if (status == success && size == wanted)
        memcpy(into, data, wanted);
    return status == success && size != wanted ? UNKNOWN_ERROR : status;
}

int SDT_StartFindIDCard(int port, unsigned char *iin, int open)
{
    (void)port, (void)open;
    return ask_for(0x20, 0x01, iin, 4, FOUND);
}

int SDT_SelectIDCard(int port, unsigned char *serial, int open)
{
    (void)port, (void)open;
    return ask_for(0x20, 0x02, serial, 8, OK);
}

int SDT_ReadBaseMsg(int port, unsigned char *text, unsigned *text_size, unsigned char *photo,
                    unsigned *photo_size, int open)
{
    unsigned char data[4096];
    unsigned size;
    int status = ask(0x30, 0x01, data, &size);

    (void)port, (void)open;
    if (status != OK)
        return status;
    if (size != 4 + TEXT_SIZE + PHOTO_SIZE)
        return UNKNOWN_ERROR;
    memcpy(text, data + 4, *text_size = TEXT_SIZE);
    memcpy(photo, data + 4 + TEXT_SIZE, *photo_size = PHOTO_SIZE);
    return OK;
}

int SDT_ReadNewAppMsg(int port, unsigned char *address, unsigned *size, int open)
{
    int status = ask_for(0x30, 0x03, address, ADDRESS_SIZE, OK);

    (void)port, (void)open;
    *size = status == OK ? ADDRESS_SIZE : 0;
    return status;
}
