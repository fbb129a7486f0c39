/* A photo decoder that draws a known pattern, and goes wrong in one way. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 102, HEIGHT = 126 };

#ifdef WITH_NEIGHBOUR
int neighbour(void);
#endif

int unpack(unsigned char *photo, unsigned char *rgb, int argument)
{
#ifdef SEGFAULT
    *(volatile int *)8 = 1;
#endif
#ifdef SLEEP
    sleep(600);
#endif
#ifdef OVERRUN
    memset(rgb, 1, WIDTH * HEIGHT * 3 + 1);
    return 1;
#endif
#ifdef LICENSED
    FILE *licence = fopen("license.dat", "r"); /* in the directory where the process works */
    if (licence == NULL)
        return -5;
    fclose(licence);
#endif
#ifdef WITH_NEIGHBOUR
    argument = neighbour();
#endif
    /* as makers do it: the lowest row first, blue first; the argument shows in the pattern */
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            unsigned char *pixel = rgb + 3 * ((HEIGHT - 1 - y) * WIDTH + x);
            pixel[0] = (unsigned char)(argument % 256);
            pixel[1] = (unsigned char)y;
            pixel[2] = (unsigned char)x;
        }
    memset(photo, 0, 1024);
    return 1;
}
