// What can be done to an example's image on its way into a batch: torchvision.transforms.
//
// A transform takes a uint8 image (H, W, C) as PIL's, or a float32 image (C, H, W) as ToTensor()
// makes them, and gives one of the same kind. Most take a batch as well, uint8 or float32
// (N, C, H, W) on any device: then each image has random numbers of its own, drawn on the device.
#pragma once

#include "transforms/batch_random.h"
#include "transforms/color_jitter.h"
#include "transforms/compose.h"
#include "transforms/geometry.h"
#include "transforms/random_erasing.h"
#include "transforms/random_geometry.h"
#include "transforms/tensor_transforms.h"
