// What is left of a training run: a table of the classes, and pictures.
#pragma once

#include "history.h"
#include "meter.h"
#include "options.h"

/// Scores of a network on a data set; `matrix` counts what it takes for what.
Scores test(cuttle::Module& model, const cuttle::DataLoader& loader, const cuttle::Device& device,
            cuttle::ConfusionMatrix& matrix, bool quiet);

/// Tests the best model, prints accuracy per class, and writes curves.png, confusion_matrix.png,
/// predictions.png and filters.png to the folder of the run, and to TensorBoard.
void report(const Options& options, const cuttle::ImageDataset& test_data,
            const cuttle::Device& device, const History& history, cuttle::SummaryWriter& writer);
