/* A library with the SDT calls that returns a card made here, and goes wrong in one way.

   CARD is the card's text as C bytes; one of the names below is defined. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0x90, FOUND = 0x9F, NO_ITEM = 0x91 };

static const unsigned char card[256] = {CARD};

int SDT_OpenPort(int port)
{
    (void)port, (void)card;
#ifdef SEGFAULT_AT_ONCE
    *(volatile int *)8 = 1;
#endif
    return OK;
}

int SDT_ClosePort(int port) { (void)port; return OK; }
int SDT_GetSAMStatus(int port, int open) { (void)port, (void)open; return OK; }

#ifndef WITHOUT_OPTIONAL_CALLS
int SDT_GetSAMIDToStr(int port, char *text, int open)
{
    (void)port, (void)open;
    strcpy(text, "05.03-20110830-0000123456-1234567890");
    return OK;
}

int SDT_ReadNewAppMsg(int port, unsigned char *address, unsigned *size, int open)
{
    (void)port, (void)open, (void)address;
    *size = 0;
    return NO_ITEM;
}
#endif

int SDT_StartFindIDCard(int port, unsigned char *iin, int open)
{
    (void)port, (void)open;
    memset(iin, 0, 4);
#ifdef STRANGE_CODE
    return -77;
#else
    return FOUND;
#endif
}

int SDT_SelectIDCard(int port, unsigned char *serial, int open)
{
    (void)port, (void)open;
    memset(serial, 0, 8);
    return OK;
}

#ifndef WITHOUT_READ
int SDT_ReadBaseMsg(int port, unsigned char *text, unsigned *text_size, unsigned char *photo,
                    unsigned *photo_size, int open)
{
    (void)port, (void)open;
#ifdef SEGFAULT
    *(volatile int *)8 = 1;
#endif
#ifdef ABORT
    abort();
#endif
#ifdef HANG
    for (;;)
        pause();
#endif
#ifdef SPIN
    for (volatile int i = 0;; i = !i)
        continue;
#endif
    memcpy(text, card, sizeof card);
    memset(photo, 7, 1024);
    *text_size = 256;
    *photo_size = 1024;
#ifdef NO_PHOTO
    *photo_size = 0;
#endif
#ifdef GARBAGE_LENGTH
    *text_size = 0xFFFFFFF0u;
    *photo_size = 3;
#endif
#ifdef OVERRUN
    memset(text, 1, 4000);
#endif
#ifdef OVERRUN_THE_HEAP
    memset(photo, 1, 64 << 20);
#endif
#ifdef PRINTS
    for (int i = 0; i < 100000; i++)
        if (write(1, card, sizeof card) < 0 || write(2, card, sizeof card) < 0)
            break;
#endif
    return OK;
}
#endif
